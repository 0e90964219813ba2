import { mkdirSync } from 'node:fs'
import type { Environment } from '@ai-comms/shared'
import { ArgumentError, readArguments } from './command-arguments.ts'
import { readDataDir } from './config.ts'
import { StorageError } from './core/durable/task-store.ts'
import { isThere, NewFile, NewFileError, placeAll } from './new-file.ts'
import type { CommandResult } from './token-command.ts'

const BACKUP_HELP = `Usage: pnpm hub backup FILE [--data-dir DIR] [--env-file FILE]

Copies all that a hub keeps, its durable tasks and its tokens with their key,
into one new file, whether the hub runs or not. It holds every task that was
accepted before the copy began; a hub that runs goes on meanwhile. FILE is for
you alone (0600) and is never overwritten: keep it like the data folder.

Not in it: the hub's .env, with HUB_SECRET. Keep a copy of that elsewhere.

  --data-dir DIR   the hub's data folder (default: HUB_DATA_DIR, or data/)
  --env-file FILE  where HUB_DATA_DIR may stand (default: .env, when there is one)

pnpm hub restore FILE puts it back.
`

const RESTORE_HELP = `Usage: pnpm hub restore FILE [--data-dir DIR] [--env-file FILE]

Puts a file of pnpm hub backup back, into a data folder without a hub's files.
What is there is never overwritten: stop the hub and move its files away first.
Tokens that were revoked after the backup are good again: revoke them anew.

  --data-dir DIR   the hub's data folder (default: HUB_DATA_DIR, or data/)
  --env-file FILE  where HUB_DATA_DIR may stand (default: .env, when there is one)
`

/** How often somebody who waits is told how far it is, in milliseconds. */
const TELL_MS = 2_000

const OPTIONS = {
  'data-dir': { type: 'string' },
  'env-file': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

interface Note {
  readonly madeAt: number
  readonly release: string
  readonly tokens: Uint8Array | undefined
}

interface Paths {
  readonly from: string
  readonly to: string
}

interface Watch {
  readonly signal: AbortSignal
  readonly progress: (copiedBytes: number, totalBytes: number) => void
}

interface Copied {
  readonly tasks: number
  readonly bytes: number
}

/** The rooms that know what a hub keeps. */
export interface BackupRooms {
  /** Where a data folder has its tasks. */
  readonly toTaskPath: (folder: string) => string
  /** Where it has its tokens. @throws when it can have none */
  readonly toTokenPath: (folder: string) => string
  readonly backUpTasks: (paths: Paths, note: Note, watch: Watch) => Promise<Copied>
  readonly restoreTasks: (paths: Paths, watch: Watch) => Promise<{ readonly note: Note; readonly copied: Copied }>
  readonly copyTokens: (folder: string) => Uint8Array | undefined
  readonly countTokens: (path: string) => number
}

/** What the commands ask of the process they run in. */
export interface BackupHost {
  readonly rooms: BackupRooms
  /** The environment, with the variables of a file added; fails when the named file cannot be read. */
  readonly readEnvironment: (envFile: string | undefined) => Environment
  /** Milliseconds from any origin. */
  readonly now: () => number
  readonly epochMs: () => number
  readonly release: string
  /** Calls the work off: what was written is removed. */
  readonly signal: AbortSignal
  /** Says at once how far the work is. */
  readonly tell: (sentence: string) => void
}

/** What is read of the arguments. */
interface Order {
  readonly file: string
  readonly folder: string
}

const toSizeText = (bytes: number): string =>
  bytes < 1_048_576 ? `${Math.ceil(bytes / 1_024)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`

const toCountText = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`

const readOrder = (word: string, args: readonly string[], host: BackupHost): Order | undefined => {
  const { values, positionals } = readArguments(args, OPTIONS)
  if (values.help === true) return undefined
  const [file, ...more] = positionals
  if (file === undefined || file === '' || more.length > 0) {
    throw new ArgumentError(`${word} takes one FILE: pnpm hub ${word} hub.backup (see --help).`)
  }
  const folder = values['data-dir'] ?? readDataDir(host.readEnvironment(values['env-file']))
  if (folder === ':memory:') throw new ArgumentError('HUB_DATA_DIR is :memory:, so nothing is kept; name a folder.')
  return { file, folder }
}

const toWatch = ({ signal, now, tell }: BackupHost): Watch => {
  let toldAt = now()
  return {
    signal,
    progress: (copiedBytes, totalBytes) => {
      if (now() - toldAt < TELL_MS) return
      toldAt = now()
      tell(`${Math.floor((100 * copiedBytes) / totalBytes)} % of ${toSizeText(totalBytes)} copied`)
    },
  }
}

const backUp = async ({ file, folder }: Order, host: BackupHost): Promise<string> => {
  const { rooms, release } = host
  const from = rooms.toTaskPath(folder)
  if (!isThere(from)) throw new ArgumentError(`There is no ${from}: no hub has run in that folder yet.`)
  const target = new NewFile(file)
  try {
    const tokens = rooms.copyTokens(folder)
    const note = { madeAt: host.epochMs(), release, tokens }
    const { tasks, bytes } = await rooms.backUpTasks({ from, to: target.path }, note, toWatch(host))
    host.signal.throwIfAborted()
    target.place()
    const held = `${toCountText(tasks, 'task')} and ${tokens === undefined ? 'no tokens' : 'the tokens with their key'}`
    return `Backed up ${folder} into ${file}: ${held}, ${toSizeText(bytes)}.\nTo put it back: pnpm hub restore ${file}\n`
  } finally {
    target.discard()
  }
}

/** Another's files would be mixed with those of the backup: a log that is left over would be put into its database. */
const refuseExisting = (paths: readonly string[], folder: string): void => {
  const beside = paths.flatMap((path) => [path, `${path}-wal`, `${path}-shm`, `${path}-journal`])
  const there = beside.filter(isThere)
  if (there.length === 0) return
  throw new NewFileError(
    `${there.join(', ')} ${there.length === 1 ? 'is' : 'are'} there already: stop the hub of ${folder}, if it runs, and move what it keeps away, or name another folder with --data-dir.`,
  )
}

const makeFolder = (folder: string): void => {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'failed'
    throw new NewFileError(`${folder} cannot be made (${code}); name another folder with --data-dir.`, { cause })
  }
}

const describeRestored = ({ madeAt, release }: Note, tokens: number): string => {
  const at = `${new Date(madeAt).toISOString().slice(0, 19).replace('T', ' ')} UTC`
  const advice =
    tokens === 0 ? '' : `Tokens that were revoked since then are good again; pnpm hub token list shows all.\n`
  return `It was made at ${at} by release ${release}.\n${advice}`
}

const countRestored = (path: string, file: string, rooms: BackupRooms): number => {
  try {
    return rooms.countTokens(path)
  } catch (cause) {
    if (!(cause instanceof StorageError)) throw cause
    throw new StorageError(cause.trouble, `${file} has tokens that cannot be used; restore another backup.`, { cause })
  }
}

const restore = async ({ file, folder }: Order, host: BackupHost): Promise<string> => {
  const { rooms } = host
  if (!isThere(file)) throw new ArgumentError(`There is no ${file}.`)
  const places = { tasks: rooms.toTaskPath(folder), tokens: rooms.toTokenPath(folder) }
  refuseExisting([places.tasks, places.tokens], folder)
  makeFolder(folder)
  const files: NewFile[] = []
  const make = (path: string): NewFile => {
    const made = new NewFile(path)
    files.push(made)
    return made
  }
  try {
    const tasks = make(places.tasks)
    const { note, copied } = await rooms.restoreTasks({ from: file, to: tasks.path }, toWatch(host))
    let tokenCount = 0
    if (note.tokens !== undefined) {
      const tokens = make(places.tokens)
      tokens.write(note.tokens)
      tokenCount = countRestored(tokens.path, file, rooms)
    }
    host.signal.throwIfAborted()
    placeAll(files)
    const held = `${toCountText(copied.tasks, 'task')}, ${toCountText(tokenCount, 'token')}`
    return `Restored ${file} into ${folder}: ${held}.\n${describeRestored(note, tokenCount)}`
  } finally {
    for (const made of files) made.discard()
  }
}

const COMMANDS = {
  backup: { help: BACKUP_HELP, act: backUp },
  restore: { help: RESTORE_HELP, act: restore },
} as const

/**
 * `pnpm hub backup FILE` and `pnpm hub restore FILE`. Whatever cannot be is one sentence and exit code 1, and leaves
 * nothing behind.
 *
 * @param args what follows the word
 */
export const runBackupCommand = async (
  word: keyof typeof COMMANDS,
  args: readonly string[],
  host: BackupHost,
): Promise<CommandResult> => {
  const { help, act } = COMMANDS[word]
  try {
    const order = readOrder(word, args, host)
    return { code: 0, out: order === undefined ? help : await act(order, host), err: '' }
  } catch (error) {
    if (host.signal.aborted) return { code: 1, out: '', err: `Stopped: nothing of the ${word} was left behind.\n` }
    const isTold = [ArgumentError, NewFileError, StorageError].some((kind) => error instanceof kind)
    if (!isTold || !(error instanceof Error)) throw error
    return { code: 1, out: '', err: `${error.message}\n` }
  }
}
