import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The stores that a hub may keep its durable tasks in. */
export const STORES = ['memory', 'sqlite'] as const

/** What `HUB_DATA_DIR` is set to, gone after the test. */
export interface DataFolder extends AsyncDisposable {
  readonly path: string
}

/** Where a hub with this store keeps its data. */
export const openDataFolder = async (store: (typeof STORES)[number] = 'sqlite'): Promise<DataFolder> => {
  if (store === 'memory') return { path: ':memory:', [Symbol.asyncDispose]: async () => undefined }
  const path = await mkdtemp(join(tmpdir(), 'hub-data-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}
