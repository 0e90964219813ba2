import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readConfig, readDataDir, readEnvironment } from './config.ts'
import { StartError } from './core/failures.ts'
import { readEnvFile } from './read-environment.ts'

const HELP = `Usage: pnpm agent [--env-file FILE]
       pnpm agent doctor [--offline] [--json] [--env-file FILE]
       pnpm agent audit verify [--env-file FILE]
       pnpm agent backup FILE [--env-file FILE]

Runs one agent: it registers at the hub of AGENT_HUB_URL and answers tasks with an AI provider.
(Without pnpm: node agent/src/main.ts in place of pnpm agent.)

  doctor            look at configuration, providers, hub, data folder and health port, and say what to do; it asks each
                    provider one tiny question, changes nothing, and exits 0 when nothing failed
  audit verify      look at every line of the audit trail in DATA_DIR, and print the first that is broken (exit code 1), or
                    that the chain is whole
  backup FILE       copy the database of DATA_DIR into a new file, while the agent works or not; it is never overwritten
  --offline         doctor only: ask neither providers nor hub
  --json            doctor only: print one JSON object {ok, checks: [{name, status, detail, fix?}]}
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

interface Arguments {
  readonly file: string | undefined
  readonly help: boolean
  /** What is asked of the doctor, when it is the doctor that is called. */
  readonly doctor: { readonly offline: boolean; readonly json: boolean } | undefined
  /** What is asked of the audit trail, when that is called. */
  readonly audit: readonly string[] | undefined
  /** What follows the word backup, when that is called. */
  readonly backup: readonly string[] | undefined
}

const OPTIONS = {
  'env-file': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  offline: { type: 'boolean' },
  json: { type: 'boolean' },
} as const

const parse = () => {
  try {
    return parseArgs({ options: OPTIONS, allowPositionals: true })
  } catch (cause) {
    // Node's own sentences go on with advice that does not fit here
    const [reason] = cause instanceof Error ? cause.message.split(/[.\n]/) : []
    throw new StartError(`${reason ?? 'The arguments cannot be read'} (see --help).`, { cause })
  }
}

const readArguments = (): Arguments => {
  const { values, positionals } = parse()
  const { 'env-file': file, help = false, offline = false, json = false } = values
  const audit = positionals[0] === 'audit' ? positionals.slice(1) : undefined
  const backup = positionals[0] === 'backup' ? positionals.slice(1) : undefined
  const stray = audit || backup ? undefined : positionals.find((word, at) => at > 0 || word !== 'doctor')
  if (stray !== undefined)
    throw new StartError(`Unknown argument ${JSON.stringify(stray)}; there are doctor, audit and backup (see --help).`)
  const isDoctor = positionals[0] === 'doctor'
  if (!isDoctor && !help && (offline || json)) {
    throw new StartError(`${offline ? '--offline' : '--json'} belongs to the doctor: pnpm agent doctor (see --help).`)
  }
  return { file, help, doctor: isDoctor ? { offline, json } : undefined, audit, backup }
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

const findStreams = () => {
  const { env, stdin: input, stdout: output, stderr: errors } = process
  // a dumb terminal has a keyboard and lines, but no cursor that could be moved; https://no-color.org
  const isTerminal = input.isTTY === true && output.isTTY === true && env['TERM'] !== 'dumb'
  return { input, output, errors, isTerminal, isColored: isTerminal && !env['NO_COLOR'] }
}

/** Whoever only looks at the data folder needs no secret, and may not be able to read one. */
const findDataDir = (file: string | undefined): string => readDataDir({ ...readEnvFile(file), ...process.env })

const run = async (): Promise<number> => {
  const { file, help, doctor, audit, backup } = readArguments()
  if (help) {
    process.stdout.write(HELP)
    return 0
  }
  const isTerminal = process.stdout.isTTY === true
  if (doctor) {
    const { runDoctor } = await import('./doctor/run-doctor.ts')
    const output = { write: (text: string) => void process.stdout.write(text), isTerminal }
    return runDoctor({ own: process.env, file, ...doctor }, output)
  }
  if (audit) {
    const { runAuditCommand } = await import('./audit-command.ts')
    const { code, text } = await runAuditCommand(audit, findDataDir(file))
    process.stdout.write(text)
    return code
  }
  if (backup) {
    const [{ runBackupCommand }, { DATABASE_FILE }] = await Promise.all([
      import('./backup-command.ts'),
      import('./adapters/sqlite/database.ts'),
    ])
    process.stdout.write(await runBackupCommand(backup, join(findDataDir(file), DATABASE_FILE)))
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
  const agent = await startAgent(read.config, findStreams())
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
