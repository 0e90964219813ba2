import { execFile } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeRoot, removeRoot } from './machine-root.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** What a script wrote, and how it ended. */
export interface Installed {
  readonly code: number
  readonly out: string
}

/** A machine's root folder that `deploy/install.sh` puts things into. */
export interface Destination extends AsyncDisposable {
  readonly root: string
  /** Runs the script of a checkout. */
  readonly install: (...args: string[]) => Promise<Installed>
}

/** A folder to install into, gone with the test: that of a machine that can boot, unless `isBare`. */
export const openDestination = async ({ checkout = ROOT, isBare = false } = {}): Promise<Destination> => {
  const root = await mkdtemp(join(tmpdir(), 'machine-'))
  if (!isBare) await makeRoot(root)
  const install = (...args: string[]) =>
    new Promise<Installed>((resolve) => {
      const env = { ...process.env, DESTDIR: root }
      execFile(join(checkout, 'deploy/install.sh'), args, { env }, (error, out, err) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out: `${out}${err}` })
      })
    })
  return { root, install, [Symbol.asyncDispose]: () => removeRoot(root) }
}
