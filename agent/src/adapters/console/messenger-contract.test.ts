import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import { describeMessenger, type Receive } from '../../test-support/messenger-contract.ts'
import { systemClock } from '../system/clock.ts'
import { PipeMessenger } from './pipe-messenger.ts'

describeMessenger('on a pipe', async () => {
  const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const messenger = new PipeMessenger({
    input: input as never,
    output: output as never,
    errors,
    agent: 'Nova',
    isTerminal: false,
    isColored: false,
    clock: systemClock,
  })
  const lines = createInterface({ input: output })[Symbol.asyncIterator]()
  return {
    messenger,
    personId: 'console',
    hasParts: false,
    start: (receive: Receive) => messenger.start({ receiveMessage: (message) => receive(message, messenger) }),
    write: (text: string) => void input.write(`${text}\n`),
    read: async () => String((await lines.next()).value),
    [Symbol.asyncDispose]: () => messenger.stop(),
  }
})
