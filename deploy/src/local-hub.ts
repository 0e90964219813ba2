import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The hub of `pnpm start`, for whoever wants to join it from another terminal of this machine. */
export interface LocalHub {
  readonly url: string
  readonly secret: string
}

const FILE = 'local-hub.json'

/** The folder below which everything of a demonstration is kept. */
export const findDataFolder = (): string => process.env['START_DATA_DIR'] || 'data'

const parse = (text: string): LocalHub | undefined => {
  try {
    const hub: unknown = JSON.parse(text)
    if (typeof hub !== 'object' || hub === null || !('url' in hub) || !('secret' in hub)) return undefined
    const { url, secret } = hub
    return typeof url === 'string' && URL.canParse(url) && typeof secret === 'string' ? { url, secret } : undefined
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
