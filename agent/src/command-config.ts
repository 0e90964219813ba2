import type { Environment } from '@ai-comms/shared'
import { z } from 'zod'

/** Variables of the program that answers in place of a vendor. */
export const COMMAND_VARIABLES = ['COMMAND_ARGV', 'COMMAND_ENV'] as const

/**
 * What a program sees of the agent's environment: where it is and whose it is. Keys and secrets are not among it; what
 * else it needs is named in `COMMAND_ENV`.
 */
const PASSED =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TZ|TERM|TMPDIR|TEMP|TMP|XDG_[A-Z_]+|SystemRoot|USERPROFILE|APPDATA|LOCALAPPDATA|PATHEXT|ComSpec)$/

const word = z
  .string()
  .max(8_192)
  .refine((text) => !text.includes('\0'))
const argv = z.tuple([word.min(1)], word).refine((words) => words.length <= 256)

/** A program and its arguments, and all that it sees of the environment. */
interface Command {
  readonly argv: readonly [string, ...string[]]
  readonly environment: Readonly<Record<string, string>>
}

/** What came of reading the command: none when there is no variable of it. */
export type CommandResult = { readonly command?: Command; readonly mistakes: readonly string[] }

const ARGV_MISTAKE =
  'COMMAND_ARGV must be a JSON array of a program and its arguments, such as ["my-agent", "--print"], and no shell line'

const parseArgv = (text: string): Command['argv'] | undefined => {
  try {
    const parsed = argv.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : undefined
  } catch {
    // no JSON: told as any other mistake
    return undefined
  }
}

/** Reads `COMMAND_ARGV` and `COMMAND_ENV`. */
export const readCommand = (env: Environment): CommandResult => {
  const text = env['COMMAND_ARGV']?.trim() ?? ''
  const named = (env['COMMAND_ENV'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const mistakes = named.every((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    ? []
    : ['COMMAND_ENV must be names of variables, separated by commas']
  if (text === '') return { mistakes }
  const words = parseArgv(text)
  if (words === undefined) return { mistakes: [...mistakes, ARGV_MISTAKE] }
  const passed = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && (PASSED.test(entry[0]) || named.includes(entry[0])),
  )
  return { mistakes, command: { argv: words, environment: Object.fromEntries(passed) } }
}
