import { EventEmitter, once } from 'node:events'
import { PassThrough } from 'node:stream'
import { text as readAll } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import type { InboundMessage } from '../../core/message.ts'
import { systemClock } from '../system/clock.ts'
import { CHARS_MAX, CONSOLE_CHAT } from './console-parts.ts'
import { PipeMessenger } from './pipe-messenger.ts'

const setUp = (receive: (messenger: PipeMessenger, message: InboundMessage) => Promise<void> | void) => {
  const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const messenger = new PipeMessenger({
    input: input as unknown as NodeJS.ReadStream,
    output: output as unknown as NodeJS.WriteStream,
    errors,
    agent: 'Nova',
    isTerminal: false,
    isColored: false,
    clock: systemClock,
  })
  const received: InboundMessage[] = []
  const arrivals = new EventEmitter()
  const receiver = {
    receiveMessage: async (message: InboundMessage) => {
      received.push(message)
      arrivals.emit('message')
      await receive(messenger, message)
      return 'finished' as const
    },
  }
  const run = async (...chunks: readonly (string | Buffer)[]) => {
    await messenger.start(receiver)
    for (const chunk of chunks) input.write(chunk)
    input.end()
    await messenger.left
    await messenger.stop()
    output.end()
    errors.end()
    return { said: await readAll(output), noticed: await readAll(errors) }
  }
  return {
    messenger,
    input,
    output,
    received,
    run,
    start: () => messenger.start(receiver),
    next: () => once(arrivals, 'message'),
  }
}

const answerLater = (messenger: PipeMessenger, { text }: InboundMessage) => {
  messenger.showWorking(CONSOLE_CHAT, true)
  setImmediate(async () => {
    await messenger.showProgress(CONSOLE_CHAT, 'half of it')
    await messenger.send(CONSOLE_CHAT, `re: ${text}`)
    await messenger.send(CONSOLE_CHAT, 'and more')
    messenger.showWorking(CONSOLE_CHAT, false)
  })
}

describe('a chat through a pipe', () => {
  it('takes each line for a message, one after the answer to the other, and ends after the last answer', async () => {
    const { run, received } = setUp(answerLater)
    const { said, noticed } = await run('one\r\ntwo\n\n  \nlast without an end')
    expect(said).toBe('re: one\nand more\nre: two\nand more\nre: last without an end\nand more\n')
    expect(noticed).toBe('half of it\n'.repeat(3))
    expect(received).toMatchObject([
      {
        text: 'one',
        channel: 'console',
        chat: { id: 'console', isGroup: false },
        sentAt: expect.any(Number),
        isAddressed: true,
      },
      { text: 'two', sender: { id: 'console' } },
      { text: 'last without an end' },
    ])
    expect(new Set(received.map(({ id }) => id)).size).toBe(3)
  })

  it('waits for a message to be finished, and for all that is still worked on afterwards', async () => {
    const finished = Promise.withResolvers<void>()
    const { messenger, input, received, next, start } = setUp(async () => {
      messenger.showWorking(CONSOLE_CHAT, true)
      await finished.promise
    })
    const first = next()
    await start()
    input.write('one\ntwo\n')
    await first
    await messenger.send(CONSOLE_CHAT, 'half of it')
    finished.resolve()
    // whatever is due by now has come about after a turn of the event loop
    await new Promise(setImmediate)
    expect(received).toHaveLength(1)
    const second = next()
    messenger.showWorking(CONSOLE_CHAT, false)
    await second
    expect(received.map(({ text }) => text)).toEqual(['one', 'two'])
    await messenger.stop()
  })

  it('goes on after a message that nobody answers', async () => {
    const { run, received } = setUp(() => undefined)
    expect(await run('silence\n')).toEqual({ said: '', noticed: '' })
    expect(received).toHaveLength(1)
  })

  it('says that a message was not taken, and goes on', async () => {
    const { run } = setUp(() => Promise.reject(new Error('the storage does not serve')))
    expect((await run('a\nb\n')).noticed).toBe('This was not taken: the storage does not serve\n'.repeat(2))
  })

  it('puts characters together that were cut in two on their way', async () => {
    const { run, received } = setUp(answerLater)
    const bytes = Buffer.from('日本\n')
    await run(bytes.subarray(0, 2), bytes.subarray(2, 4), bytes.subarray(4))
    expect(received.map(({ text }) => text)).toEqual(['日本'])
  })

  it('leaves out a line without an end rather than keep it all', async () => {
    const { run, received } = setUp(answerLater)
    const { noticed } = await run('x'.repeat(CHARS_MAX), 'x'.repeat(CHARS_MAX), 'tail\nnext\n')
    expect(noticed).toMatch(/^A line of more than 100000 characters was left out\.$/m)
    expect(received.map(({ text }) => text)).toEqual(['next'])
  })

  it('keeps control characters of an answer from the terminal that may be behind the pipe', async () => {
    const { run } = setUp(async (messenger) => void (await messenger.send(CONSOLE_CHAT, 'a\u001b]0;t\u0007\tb\r\nc\r')))
    expect((await run('go\n')).said).toBe('a␛]0;t␇\tb\nc␍\n')
  })

  it('ends when nobody reads its answers any more', async () => {
    const { messenger, output } = setUp(() => undefined)
    await messenger.start({ receiveMessage: async () => 'finished' })
    output.destroy(new Error('EPIPE'))
    await messenger.left
    await messenger.stop()
    expect(messenger.state).toBe('closed')
    expect(await messenger.send(CONSOLE_CHAT, 'late')).toBe('failed')
  })

  it('knows of no chat but its own', async () => {
    const { messenger } = setUp(() => undefined)
    await messenger.start({ receiveMessage: async () => 'finished' })
    expect(await messenger.send({ id: 'elsewhere', isGroup: false }, 'x')).toBe('failed')
    await messenger.stop()
  })
})
