import { commaList, type Environment } from '@ai-comms/shared'
import { z } from 'zod'
import { findJsonValue } from './core/json-value.ts'

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

/** What came of reading the command. */
export interface CommandResult {
  /** The program, and all that it sees of the environment; none when there is no variable of it. */
  readonly command?: { readonly argv: z.output<typeof argv>; readonly environment: Readonly<Record<string, string>> }
  readonly mistakes: readonly string[]
}

const ARGV_MISTAKE =
  'COMMAND_ARGV must be a JSON array of a program and its arguments, such as ["my-agent", "--print"], and no shell line'

/** Reads `COMMAND_ARGV` and `COMMAND_ENV`. */
export const readCommand = (env: Environment): CommandResult => {
  const text = env['COMMAND_ARGV']?.trim() ?? ''
  const named = commaList().parse(env['COMMAND_ENV'] ?? '')
  const mistakes = named.every((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    ? []
    : ['COMMAND_ENV must be names of variables, separated by commas']
  if (text === '') return { mistakes }
  const words = argv.safeParse(findJsonValue(text))
  if (!words.success) return { mistakes: [...mistakes, ARGV_MISTAKE] }
  const passed = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && (PASSED.test(entry[0]) || named.includes(entry[0])),
  )
  return { mistakes, command: { argv: words.data, environment: Object.fromEntries(passed) } }
}
