import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { COMPILED } from './hub-process.ts'

const MAIN = fileURLToPath(new URL('../../hub/src/main.ts', import.meta.url))

/** What a command printed, and its exit code. */
export interface Printed {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Where a command runs. */
export interface CommandPlace {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** A command that becomes what is put behind it, such as `setpriv …`. */
  readonly through?: readonly string[]
}

/** Runs `pnpm hub …` in a folder, without any variables but those that are given. */
export const runHubCommand = (place: CommandPlace, ...args: string[]): Promise<Printed> =>
  new Promise((resolve) => {
    const { cwd, env = {}, through = [] } = place
    const [command = '', ...argv] = [...through, process.execPath, '--', MAIN, ...args]
    const all = { PATH: process.env['PATH'], NODE_COMPILE_CACHE: COMPILED, ...env }
    execFile(command, argv, { cwd, env: all }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err })
    })
  })
