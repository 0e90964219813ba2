import { parseArgs } from 'node:util'
import { duration, type Environment, isAgentName, isScope, LIMITS, SCOPES, type Scope } from '@ai-comms/shared'
import { TokenBook, type TokenRecord } from './adapters/credentials/token-book.ts'
import { TokenFileError } from './adapters/credentials/token-file.ts'
import { readDataDir } from './config.ts'

const HELP = `Usage: pnpm hub token issue --name NAME --scope SCOPE [--ttl 90d]
       pnpm hub token list [--json]
       pnpm hub token revoke JTI | --name NAME

A token lets one agent or caller in without the shared secret. It works for
the hub that has the same data folder, whether it runs at the moment or not.

  issue    prints the token, and nothing else, on stdout; it is shown this once
  list     shows what is known of every token, but never a token itself
  revoke   ends one token, or all of a name in any case; a running hub closes
           their connections within about a second

  --name NAME      the agent's name, under which alone it may register; without
                   the scope agent any name of 1 to ${LIMITS.NAME_CHARS_MAX} characters
  --scope SCOPE    agent, tasks:read, tasks:write or admin; several separated by
                   commas, or the option several times. admin covers all of them
  --ttl TIME       how long it is good, such as 90d, 12h or 30m (default 90d, at
                   most 3650d)
  --json           the list as JSON
  --data-dir DIR   the hub's data folder (default: HUB_DATA_DIR, or data/)
  --env-file FILE  where HUB_DATA_DIR may stand (default: .env, when there is one)
`

const TTL_DEFAULT = '90d'
const ttl = duration(1_000, 3_650 * 86_400_000)
/** Any name that can be shown on one line. */
const PLAIN_NAME = /^(?! )[^\p{C}\p{Zl}\p{Zp}]{1,64}(?<! )$/u

/** What the command asks of the process it runs in. */
export interface TokenCommandHost {
  /** The environment, with the variables of a file added; fails when the named file cannot be read. */
  readonly readEnvironment: (envFile: string | undefined) => Environment
  /** Epoch milliseconds. */
  readonly now: number
}

/** What the command prints, and the exit code. */
export interface CommandResult {
  readonly code: 0 | 1
  readonly out: string
  readonly err: string
}

/** Arguments that cannot be; the message is one sentence that says what is allowed. */
class ArgumentError extends Error {}

const OPTIONS = {
  name: { type: 'string' },
  scope: { type: 'string', multiple: true },
  ttl: { type: 'string' },
  json: { type: 'boolean' },
  'data-dir': { type: 'string' },
  'env-file': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

const COMMON = ['data-dir', 'env-file', 'help']
const TAKES = new Map([
  ['issue', ['name', 'scope', 'ttl', ...COMMON]],
  ['list', ['json', ...COMMON]],
  ['revoke', ['name', ...COMMON]],
])

const say = (out: string, err = ''): CommandResult => ({ code: 0, out, err })

const toOptionList = (options: readonly string[]): string => {
  const named = options.map((option) => `--${option}`)
  return `${named.slice(0, -1).join(', ')} and ${named.at(-1)}`
}

const readArguments = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  } catch (cause) {
    // Node's own sentences go on with advice that does not fit here
    const [reason = 'Wrong arguments'] = cause instanceof Error ? cause.message.split(/[.\n]/) : []
    throw new ArgumentError(`${reason}; there are ${toOptionList(Object.keys(OPTIONS))} (see --help).`, { cause })
  }
}

type Values = ReturnType<typeof readArguments>['values']

const checkOptions = (verb: string, values: Values): void => {
  const takes = TAKES.get(verb)
  if (takes === undefined) throw new ArgumentError('token must be followed by issue, list or revoke (see --help).')
  const stray = Object.keys(values).find((option) => !takes.includes(option))
  if (stray !== undefined) throw new ArgumentError(`${verb} does not take --${stray}; it takes ${toOptionList(takes)}.`)
}

const readScopes = (given: readonly string[] = []): Scope[] => {
  const words = given.flatMap((list) => list.split(',')).map((word) => word.trim())
  if (words.length === 0 || !words.every(isScope)) {
    throw new ArgumentError(`--scope must be one or more of ${SCOPES.join(', ')}, separated by commas.`)
  }
  return SCOPES.filter((scope) => words.includes(scope))
}

const readName = (given: string | undefined, scopes: readonly Scope[]): string => {
  if (given === undefined) throw new ArgumentError('--name is missing: say whose token it is, such as --name atlas.')
  const name = given.normalize('NFKC')
  if (scopes.includes('agent') && !isAgentName(name)) {
    throw new ArgumentError(
      '--name must be 1 to 64 characters: a letter or digit first, then letters, digits, marks, ".", "_", "-" or inner spaces.',
    )
  }
  if (!PLAIN_NAME.test(name)) throw new ArgumentError('--name must be 1 to 64 characters on one line.')
  return name
}

const readTtl = (given: string): number => {
  const parsed = ttl.safeParse(given)
  // A bare number would be milliseconds, which nobody means here
  if (parsed.success && !/\d$/.test(given)) return parsed.data
  throw new ArgumentError('--ttl must be a time with its unit such as 90d, 12h, 30m or 45s, at most 3650d.')
}

const toMinute = (epochMs: number) => new Date(epochMs).toISOString().slice(0, 16).replace('T', ' ')

const toState = ({ revokedAt, expiresAt }: TokenRecord, now: number) =>
  revokedAt !== undefined ? 'revoked' : expiresAt <= now ? 'expired' : 'active'

const issue = async (book: TokenBook, values: Values, now: number): Promise<CommandResult> => {
  const scopes = readScopes(values.scope)
  const name = readName(values.name, scopes)
  const { token, jti, expiresAt } = await book.issue({ name, scopes, ttlMs: readTtl(values.ttl ?? TTL_DEFAULT) }, now)
  const facts = [
    `Token ${jti} for ${name}: ${scopes.join(', ')}, until ${toMinute(expiresAt)} UTC.`,
    `Keep it like a password; it cannot be shown again. To end it: pnpm hub token revoke ${jti}`,
  ]
  return say(`${token}\n`, `${facts.join('\n')}\n`)
}

const toView = (record: TokenRecord, now: number) => ({
  jti: record.jti,
  name: record.name,
  scopes: record.scopes,
  issuedAt: new Date(record.issuedAt).toISOString(),
  expiresAt: new Date(record.expiresAt).toISOString(),
  ...(record.revokedAt === undefined ? {} : { revokedAt: new Date(record.revokedAt).toISOString() }),
  state: toState(record, now),
})

const HEAD = ['JTI', 'NAME', 'SCOPE', 'ISSUED (UTC)', 'EXPIRES (UTC)', 'STATE']

const toTable = (records: readonly TokenRecord[], now: number): string => {
  const rows = records.map((record) => [
    record.jti,
    record.name,
    record.scopes.join(','),
    toMinute(record.issuedAt),
    toMinute(record.expiresAt),
    toState(record, now),
  ])
  const widths = HEAD.map((head, at) => Math.max(head.length, ...rows.map((row) => row[at]?.length ?? 0)))
  const toLine = (row: readonly string[]) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')
  return [HEAD, ...rows].map((row) => `${toLine(row).trimEnd()}\n`).join('')
}

const list = (book: TokenBook, values: Values, now: number): CommandResult => {
  const records = book.list()
  if (values.json === true)
    return say(
      `${JSON.stringify(
        records.map((record) => toView(record, now)),
        null,
        2,
      )}\n`,
    )
  return records.length === 0 ? say('', 'No tokens have been issued.\n') : say(toTable(records, now))
}

const revoke = (book: TokenBook, values: Values, jtis: readonly string[], now: number): CommandResult => {
  const [jti, ...more] = jtis
  const { name } = values
  if ((jti === undefined) === (name === undefined) || more.length > 0) {
    throw new ArgumentError('revoke takes one JTI, as list shows it, or --name NAME for all tokens of a name.')
  }
  const which = jti === undefined ? { name: name ?? '' } : { jti }
  const found = book.revoke(which, now)
  if (found.length === 0) {
    const what = 'jti' in which ? `with the JTI ${which.jti}` : `of the name ${which.name}`
    throw new ArgumentError(`There is no token ${what}; pnpm hub token list shows all.`)
  }
  const lines = found.map((record) =>
    record.revokedAt === undefined
      ? `Revoked ${record.jti} (${record.name}).`
      : `${record.jti} (${record.name}) was revoked already.`,
  )
  const isNews = found.some(({ revokedAt }) => revokedAt === undefined)
  return say(`${lines.join('\n')}\n`, isNews ? 'A running hub notices within about a second.\n' : '')
}

const run = async (args: readonly string[], host: TokenCommandHost): Promise<CommandResult> => {
  const { values, positionals } = readArguments(args)
  if (values.help === true) return say(HELP)
  const [verb = '', ...rest] = positionals
  checkOptions(verb, values)
  if (verb !== 'revoke' && rest.length > 0) throw new ArgumentError(`${verb} takes options only (see --help).`)
  const book = new TokenBook(values['data-dir'] ?? readDataDir(host.readEnvironment(values['env-file'])))
  if (verb === 'issue') return issue(book, values, host.now)
  return verb === 'list' ? list(book, values, host.now) : revoke(book, values, rest, host.now)
}

/**
 * `pnpm hub token …`: issues, lists and revokes tokens in the hub's data
 * folder. Whatever the operator got wrong is one sentence and exit code 1.
 *
 * @param args what follows `token`
 */
export const runTokenCommand = async (args: readonly string[], host: TokenCommandHost): Promise<CommandResult> => {
  try {
    return await run(args, host)
  } catch (error) {
    if (!(error instanceof ArgumentError) && !(error instanceof TokenFileError)) throw error
    return { code: 1, out: '', err: `${error.message}\n` }
  }
}
