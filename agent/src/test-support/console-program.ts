import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { CONSOLE_CHAT } from '../adapters/console/console-parts.ts'
import { createConsole } from '../adapters/console/open-console.ts'
import { systemClock } from '../adapters/system/clock.ts'
import type { MessageEnd } from '../core/messenger.ts'

/**
 * A program with a console messenger and nothing behind it: a test tells it on descriptor 3 what to say, and is told
 * there what was typed. It ends when the person leaves.
 */
const [inputsFile = ''] = process.argv.slice(2)
const { env, stdin: input, stdout: output, stderr: errors } = process
const isTerminal = input.isTTY && output.isTTY && env['TERM'] !== 'dumb'

const side = new Socket({ fd: 3 })
const tell = (message: unknown) => side.write(`${JSON.stringify(message)}\n`)

const messenger = createConsole({
  input,
  output,
  errors,
  agent: 'Nova',
  isTerminal,
  isColored: isTerminal && !env['NO_COLOR'],
  ...(inputsFile === '' ? {} : { inputsFile }),
  clock: systemClock,
  cancel: () => tell({ canceled: true }),
})

interface Order {
  readonly send?: string
  readonly working?: boolean
  readonly progress?: string
  readonly notice?: string
}

/** The last message is finished by what is said next. */
let finish = (): void => {}

createInterface({ input: side }).on('line', (line) => {
  const { send, working, progress, notice }: Order = JSON.parse(line)
  if (send !== undefined) void messenger.send(CONSOLE_CHAT, send).then(finish)
  if (progress !== undefined) void messenger.showProgress(CONSOLE_CHAT, progress)
  if (notice !== undefined) messenger.showNotice(notice)
  if (working !== undefined) messenger.showWorking(CONSOLE_CHAT, working)
})

await messenger.start({
  receiveMessage: ({ text }) => {
    tell({ text })
    return new Promise<MessageEnd>((resolve) => {
      finish = () => resolve('finished')
    })
  },
})
await messenger.left
await messenger.stop()
process.exit(0)
