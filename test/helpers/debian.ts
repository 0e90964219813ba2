import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where the system's own programs are, besides the folders of `PATH`. */
const SYSTEM = ['/usr/sbin', '/sbin', '/usr/bin', '/bin']

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false
    throw error
  }
}

/** Where a program of this machine is, when it is. */
export const findProgram = (name: string): string | undefined =>
  [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM]
    .map((folder) => join(folder, name))
    .find((path) => isProgram(path))

/**
 * A program that a test cannot do without; CI installs it (`.ci/run`).
 *
 * @throws {Error} that says how to install it: what is missing fails, and is not skipped
 */
export const needProgram = (name: string, debianPackage: string): string => {
  const path = findProgram(name)
  if (path === undefined) throw new Error(`${name} is needed here: sudo apt-get install ${debianPackage}`)
  return path
}

/** @throws {Error} unless this process is root, for tests that make machines and networks of their own */
export const needRoot = (): void => {
  if (process.getuid?.() !== 0) throw new Error('Root is needed here, to make a machine of its own: sudo pnpm test')
}
