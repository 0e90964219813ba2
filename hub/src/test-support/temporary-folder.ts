import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder that is gone after the test. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string
}

/** Makes a folder for one test. */
export const temporaryFolder = async (parent = tmpdir()): Promise<TemporaryFolder> => {
  const path = await mkdtemp(join(parent, 'hub-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

/** Where files are in memory, on a machine that has such a place: for tests that write thousands of them. */
export const MEMORY_FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
