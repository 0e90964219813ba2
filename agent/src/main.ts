import { parseArgs } from 'node:util'
import { readConfig, readEnvironment } from './config.ts'
import { StartError } from './core/failures.ts'

const HELP = `Usage: node agent/src/main.ts [--env-file FILE]

Runs one agent: it registers at the hub of AGENT_HUB_URL and answers tasks with an AI provider.

  --env-file FILE   read variables from FILE (default: .env when it is there); what is set for the process wins
  --help            print this

.env.example at the root of the repository explains every variable.
`

/** A terminal's Ctrl-C reaches the agent twice when a script runner passes it on too; what comes so soon is one wish. */
const SAME_SIGNAL_S = 0.25

const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const

const say = (sentence: string): void => {
  process.stderr.write(`${sentence}${/[.?]$/.test(sentence) ? '' : '.'}\n`)
}

const readArguments = (): { file: string | undefined; help: boolean } => {
  try {
    const { values } = parseArgs({ options: { 'env-file': { type: 'string' }, help: { type: 'boolean', short: 'h' } } })
    return { file: values['env-file'], help: values.help ?? false }
  } catch (cause) {
    throw new StartError(`${cause instanceof Error ? cause.message : 'The arguments cannot be read'} See --help.`, {
      cause,
    })
  }
}

/** Resolves at the first signal; the second one ends the process on the spot. */
const untilSignal = (): Promise<void> =>
  new Promise((resolve) => {
    let first: number | undefined
    for (const [signal, number] of Object.entries(SIGNALS)) {
      process.on(signal, () => {
        const now = process.uptime()
        if (first === undefined) {
          first = now
          resolve()
        } else if (signal === 'SIGTERM' || now - first > SAME_SIGNAL_S) {
          process.exit(128 + number)
        }
      })
    }
  })

const run = async (): Promise<number> => {
  const { file, help } = readArguments()
  if (help) {
    process.stdout.write(HELP)
    return 0
  }
  const read = readConfig(readEnvironment(process.env, file))
  for (const warning of read.warnings) say(`Warning: ${warning}`)
  if (!read.ok) {
    for (const mistake of read.mistakes) say(mistake)
    return 1
  }
  const signal = untilSignal()
  // everything else is loaded only now, so that a mistake is told at once
  const { startAgent } = await import('./app.ts')
  const agent = await startAgent(read.config, process.stdout.isTTY === true)
  const end = await Promise.race([signal, agent.ended])
  await agent.stop()
  if (!end) return 0
  say(end.because)
  return 1
}

try {
  process.exit(await run())
} catch (error) {
  if (!(error instanceof StartError)) throw error
  say(error.message)
  process.exit(1)
}
