import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The hub of `pnpm start`, for whoever wants to join it from another terminal of this machine. */
export interface LocalHub {
  readonly url: string
  readonly secret: string
  /** What its agents sign and encrypt with, among themselves. */
  readonly agentSecret: string
  readonly encryptionKey: string
}

const FILE = 'local-hub.json'

/** The folder below which everything of a demonstration is kept. */
export const findDataFolder = (): string => process.env['START_DATA_DIR'] || 'data'

const MEMBERS = ['url', 'secret', 'agentSecret', 'encryptionKey'] as const

const isLocalHub = (value: unknown): value is LocalHub => {
  if (typeof value !== 'object' || value === null) return false
  const members = new Map<string, unknown>(Object.entries(value))
  return MEMBERS.every((name) => typeof members.get(name) === 'string') && URL.canParse(String(members.get('url')))
}

const parse = (text: string): LocalHub | undefined => {
  try {
    const hub: unknown = JSON.parse(text)
    return isLocalHub(hub) ? hub : undefined
  } catch (error) {
    // something else in that place is no hub
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** The hub that `pnpm start` has noted down; it may have been killed since. */
export const findLocalHub = (folder = findDataFolder()): LocalHub | undefined => {
  try {
    return parse(readFileSync(join(folder, FILE), 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Notes a hub down, for this user alone. @returns strikes it out again, unless another hub was noted down meanwhile */
export const noteLocalHub = (hub: LocalHub, folder = findDataFolder()): (() => void) => {
  const aside = join(folder, `${FILE}.${process.pid}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(aside, `${JSON.stringify(hub)}\n`, { mode: 0o600 })
  renameSync(aside, join(folder, FILE))
  return () => {
    if (findLocalHub(folder)?.secret === hub.secret) rmSync(join(folder, FILE))
  }
}
