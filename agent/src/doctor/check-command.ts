import { accessSync, constants, statSync } from 'node:fs'
import { basename, delimiter, join } from 'node:path'
import type { Command } from '../adapters/providers/catalog.ts'
import { type Check, fail, ok } from './check.ts'

/** Where the system looks when the environment has no `PATH`. */
const PATH_DEFAULT = '/usr/bin:/bin'

type Found = 'executable' | 'no file' | 'not executable'

const look = (file: string): Found => {
  const stats = statSync(file, { throwIfNoEntry: false })
  if (stats === undefined || !stats.isFile()) return 'no file'
  try {
    accessSync(file, constants.X_OK)
    return 'executable'
  } catch {
    // whatever the reason, it cannot be started
    return 'not executable'
  }
}

const listCandidates = (program: string, path: string): string[] =>
  program.includes('/') || program.includes('\\')
    ? [program]
    : path
        .split(delimiter)
        .filter((folder) => folder !== '')
        .map((folder) => join(folder, program))

/** Looks for the program as the system will; it is not run, since nobody knows what it costs. */
export const checkCommand = (name: string, { argv: [program], environment }: Command): Check => {
  const candidates = listCandidates(program, environment['PATH'] ?? PATH_DEFAULT)
  const found = candidates.map((file) => ({ file, state: look(file) }))
  const usable = found.find(({ state }) => state === 'executable')
  if (usable !== undefined) return ok(name, `${usable.file} can be run; it was not.`)
  const barred = found.find(({ state }) => state === 'not executable')
  if (barred !== undefined) {
    return fail(name, `${barred.file} is no program that you may run.`, `Run "chmod +x ${barred.file}".`)
  }
  return fail(
    name,
    `The program ${basename(program)} of COMMAND_ARGV is not there.`,
    program === basename(program)
      ? `Install ${program}, or write its whole path as the first word of COMMAND_ARGV.`
      : `Write the path of a program that is there as the first word of COMMAND_ARGV; a relative one begins at the folder that the agent is started in.`,
  )
}
