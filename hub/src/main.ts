import * as fs from 'node:fs'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import type { Logger } from 'pino'
import packageJson from '../package.json' with { type: 'json' }
import { systemClock } from './adapters/system/clock.ts'
import type { RunningHub } from './app.ts'
import type { BackupRooms } from './backup-command.ts'
import { type Config, readConfig } from './config.ts'
import { readEnvironment } from './read-environment.ts'
import { StartError } from './start-error.ts'
import type { CommandResult } from './token-command.ts'

const HELP = `Usage: pnpm hub [--env-file FILE]
       pnpm hub init                        makes .env with new secrets
       pnpm hub token issue | list | revoke
       pnpm hub backup FILE                 copies all that a hub keeps
       pnpm hub restore FILE                puts it back
       (each with --help)

Runs the hub: agents register over WebSocket, callers send tasks over REST.
Configuration comes from the environment, then from FILE (default: .env, when
there is one). The variables are explained in .env.example, and each secret may
stand in a file: HUB_SECRET_FILE=/run/secrets/hub. The first ones:

  PORT          port to listen on (8090; 0 = any free one)
  HUB_SECRET    shared secret of agents and callers; without it the hub
                listens on 127.0.0.1 only, and asks nobody
  HUB_HOST      address to listen on (0.0.0.0 with a secret)

Stop it with Ctrl-C or SIGTERM: running tasks may finish within HUB_DRAIN_MS.
`

// V8 learns from the registrations, whose objects live for days, to make objects of the same places in old memory at
// once; those of tasks are made there too, and each keeps its whole task alive until the next full collection
setFlagsFromString('--no-allocation-site-pretenuring')

const say = (sentence: string) => process.stderr.write(`${sentence}\n`)

class UsageError extends Error {}

const readArguments = (): { help: boolean; envFile: string | undefined } => {
  try {
    const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' }, 'env-file': { type: 'string' } } })
    return { help: values.help ?? false, envFile: values['env-file'] }
  } catch (cause) {
    throw new UsageError(`${cause instanceof Error ? cause.message : 'Wrong arguments'} (see --help)`, { cause })
  }
}

const readConfigOrExplain = (envFile: string | undefined): Config => {
  const result = readConfig(readEnvironment(process.env, envFile), fs)
  for (const warning of result.warnings) say(`Warning: ${warning}`)
  if (result.ok) return result.values
  throw new UsageError(`The hub cannot start:\n${result.mistakes.map((mistake) => `  ${mistake}`).join('\n')}`)
}

const makeLogger = async (level: string): Promise<Logger> => {
  const { pino } = await import('pino')
  if (!process.stdout.isTTY) return pino({ level })
  const { default: pretty } = await import('pino-pretty')
  return pino({ level }, pretty({ colorize: true, translateTime: 'HH:MM:ss', ignore: 'pid,hostname' }))
}

const explainListen = (error: unknown, { host, port }: Config): string => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') return `Port ${port} is taken by another program; stop it or set PORT to another one.`
  if (code === 'EACCES') return `Port ${port} needs more rights; set PORT to one above 1023.`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `HUB_HOST ${host} is no address of this machine.`
  throw error
}

/** A terminal's Ctrl-C may reach the hub twice when a script runner passes it on too; what comes so soon is one wish. */
const SAME_SIGNAL_S = 0.5

const drainOnSignal = (running: RunningHub, logger: Logger) => {
  let firstAt: number | undefined
  const stop = (signal: NodeJS.Signals) => {
    if (firstAt !== undefined) {
      if (process.uptime() - firstAt < SAME_SIGNAL_S) return
      logger.warn('Second signal: stopping at once')
      process.exit(1)
    }
    firstAt = process.uptime()
    logger.info({ signal }, 'Stopping; running tasks may finish')
    running.drain().then(
      () => {
        logger.info('Stopped')
        process.exit(0)
      },
      (error: unknown) => {
        logger.error({ err: error }, 'The drain failed')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

const epochMs = () => systemClock.toEpochMs(systemClock.now())
const readOwn = (envFile: string | undefined) => readEnvironment(process.env, envFile)

const administerTokens = async (args: readonly string[]): Promise<CommandResult> => {
  const { runTokenCommand } = await import('./token-command.ts')
  return runTokenCommand(args, { readEnvironment: readOwn, now: epochMs() })
}

const init = async (args: readonly string[]): Promise<CommandResult> => {
  const { runInitCommand } = await import('./init-command.ts')
  return runInitCommand(args)
}

const openRooms = async (): Promise<BackupRooms> => {
  const [folder, copies, tokenFile, tokenCopies] = await Promise.all([
    import('./adapters/sqlite/folder.ts'),
    import('./adapters/sqlite/store-copy.ts'),
    import('./adapters/credentials/token-file.ts'),
    import('./adapters/credentials/token-copy.ts'),
  ])
  const toTaskPath = (path: string) => folder.toFiles(path).database
  return { toTaskPath, toTokenPath: tokenFile.toTokenPath, ...copies, ...tokenCopies }
}

const copy =
  (word: 'backup' | 'restore') =>
  async (args: readonly string[]): Promise<CommandResult> => {
    const { runBackupCommand } = await import('./backup-command.ts')
    const stop = new AbortController()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
    return runBackupCommand(word, args, {
      rooms: await openRooms(),
      readEnvironment: readOwn,
      now: systemClock.now,
      epochMs,
      release: packageJson.version,
      signal: stop.signal,
      tell: say,
    })
  }

const COMMANDS: ReadonlyMap<string, (args: readonly string[]) => Promise<CommandResult>> = new Map([
  ['init', init],
  ['token', administerTokens],
  ['backup', copy('backup')],
  ['restore', copy('restore')],
])

const main = async (): Promise<void> => {
  const [word = '', ...rest] = process.argv.slice(2)
  const command = COMMANDS.get(word)
  if (command !== undefined) {
    const { code, out, err } = await command(rest)
    process.stdout.write(out)
    process.stderr.write(err)
    process.exitCode = code
    return
  }
  const { help, envFile } = readArguments()
  if (help) {
    process.stdout.write(HELP)
    return
  }
  const config = readConfigOrExplain(envFile)
  // Loaded only now, so that a mistake is told at once, however slow the machine reads the rest
  const { buildHub } = await import('./app.ts')
  const logger = await makeLogger(config.logLevel)
  const running = await buildHub(config, logger)
  drainOnSignal(running, logger)
  let url: string
  try {
    url = await running.listen()
  } catch (error) {
    throw new StartError(explainListen(error, config))
  }
  if (config.secrets.length === 0) logger.warn('There is no HUB_SECRET: anybody on this machine is let in')
  if (config.dataDir === ':memory:') logger.warn('HUB_DATA_DIR is :memory:, so durable tasks end with this process')
  logger.info({ url, maxAgents: config.maxAgents, openTasks: running.hub.durable.count }, 'The hub is listening')
}

try {
  await main()
} catch (error) {
  if (!(error instanceof UsageError) && !(error instanceof StartError)) throw error
  say(error.message)
  process.exit(1)
}
