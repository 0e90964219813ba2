import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { toMatchKey } from '@ai-comms/shared'
import { ArgumentError, readArguments } from './command-arguments.ts'
import { isThere, NewFile, NewFileError, placeAll } from './new-file.ts'
import type { CommandResult } from './token-command.ts'

const HELP = `Usage: pnpm hub init [--dir DIR] [--agents atlas,nova,bolt]

Makes the secrets of a new network and writes them into .env, which the hub
reads at its start: HUB_SECRET, SECURITY_AGENT_SECRET, SECURITY_ENCRYPTION_KEY.

  --agents NAMES   writes .env.<name> for each agent, too, with a data folder
                   and a health port of its own; names of letters, digits, "_"
                   and "-", separated by commas
  --dir DIR        where the files go (default: this folder)

Nothing is ever overwritten: when one of the files is there, nothing is made.
No secret is printed, where it would stay in a terminal or a log. They are in
the files, which only you may read (0600); take an agent's file to its machine
with scp, or copy the three lines by hand.
`

/** Most agents that files are made for at once. */
const AGENTS_MAX = 50
/** Random bytes of a secret; written as hex digits. */
const SECRET_BYTES = 32
/** The first agent's health port: one beyond that of an agent without any. */
const HEALTH_PORT_FIRST = 9_091
/** What can stand in a name of a file everywhere. */
const NAME = /^[a-z0-9][a-z0-9_-]{0,31}$/i

const OPTIONS = {
  dir: { type: 'string' },
  agents: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

interface Secrets {
  readonly hub: string
  readonly signing: string
  readonly encryption: string
}

const makeSecrets = (): Secrets => {
  const make = () => randomBytes(SECRET_BYTES).toString('hex')
  return { hub: make(), signing: make(), encryption: make() }
}

const readNames = (given: string | undefined): string[] => {
  const names = (given ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  if (given !== undefined && names.length === 0) throw new ArgumentError('--agents must be names such as atlas,nova.')
  if (names.length > AGENTS_MAX) throw new ArgumentError(`--agents must be at most ${AGENTS_MAX} names.`)
  const wrong = names.find((name) => !NAME.test(name))
  if (wrong !== undefined) {
    throw new ArgumentError(
      `--agents has ${JSON.stringify(wrong.slice(0, 40))}; a name is 1 to 32 letters, digits, "_" or "-", with a letter or digit first.`,
    )
  }
  // That one file is for everybody to read, and is not kept out of git
  if (names.some((name) => toMatchKey(name) === 'example')) {
    throw new ArgumentError('--agents must not have example: .env.example explains the variables, and holds no secret.')
  }
  if (new Set(names.map(toMatchKey)).size < names.length) {
    throw new ArgumentError('--agents has a name twice; agents of one name share their tasks.')
  }
  return names
}

const toHubText = ({
  hub,
  signing,
  encryption,
}: Secrets): string => `# Made by "pnpm hub init": the secrets of this network. Keep them to yourself.
# .env.example explains every other variable.

# What agents and callers show to the hub
HUB_SECRET=${hub}
# What all agents sign and encrypt with what they say to each other
SECURITY_AGENT_SECRET=${signing}
SECURITY_ENCRYPTION_KEY=${encryption}
`

const toAgentLines = (name: string, port: number, { hub, signing, encryption }: Secrets): string[] => [
  `AGENT_NAME=${name}`,
  'AGENT_HUB_URL=http://localhost:8090',
  `AGENT_HUB_SECRET=${hub}`,
  `SECURITY_AGENT_SECRET=${signing}`,
  `SECURITY_ENCRYPTION_KEY=${encryption}`,
  `DATA_DIR=data/agents/${name}`,
  `HEALTH_PORT=${port}`,
]

const toAgentText = (
  name: string,
  port: number,
  secrets: Secrets,
): string => `# Made by "pnpm hub init" for the agent ${name}.
# On another machine AGENT_HUB_URL is where the hub is seen from there, with https:// or wss:// over a network.
${toAgentLines(name, port, secrets).join('\n')}
# Who answers: a key, or AI_PROVIDER=ollama for a model of this machine; .env.example has all of them
#OPENAI_API_KEY=
`

/** What is to be made: a file, its text, and a sentence about it. */
interface Plan {
  readonly path: string
  readonly text: string
  readonly about: string
}

const plan = (dir: string, names: readonly string[]): Plan[] => {
  const secrets = makeSecrets()
  const agents = names.map((name, at) => {
    const port = HEALTH_PORT_FIRST + at
    const path = join(dir, `.env.${name}`)
    const about = `health port ${port}, data in data/agents/${name}; start it with: pnpm agent --env-file ${path}`
    return { path, text: toAgentText(name, port, secrets), about }
  })
  const path = join(dir, '.env')
  const start = path === '.env' ? 'pnpm hub' : `pnpm hub --env-file ${path}`
  return [{ path, text: toHubText(secrets), about: `the secrets; start the hub with: ${start}` }, ...agents]
}

const refuseExisting = (plans: readonly Plan[]): void => {
  const there = plans.map(({ path }) => path).filter(isThere)
  if (there.length === 0) return
  const [are, stay] = there.length === 1 ? ['is', 'stays as it is'] : ['are', 'stay as they are']
  throw new NewFileError(`${there.join(', ')} ${are} there already and ${stay}; nothing was made.`)
}

const write = (plans: readonly Plan[]): void => {
  const files: NewFile[] = []
  try {
    for (const { path, text } of plans) {
      const file = new NewFile(path)
      files.push(file)
      file.write(text)
    }
    placeAll(files)
  } finally {
    for (const file of files) file.discard()
  }
}

const adviseAgent = (envFile: string): string => {
  const secrets = {
    hub: `<HUB_SECRET of ${envFile}>`,
    signing: `<SECURITY_AGENT_SECRET of ${envFile}>`,
    encryption: `<SECURITY_ENCRYPTION_KEY of ${envFile}>`,
  }
  const lines = toAgentLines('<name>', HEALTH_PORT_FIRST, secrets).map((line) => `  ${line}\n`)
  return `\nEach agent has these lines in a file .env.<name> of its own; agents on one machine need different ports:\n\n${lines.join('')}`
}

const run = (args: readonly string[]): CommandResult => {
  const { values, positionals } = readArguments(args, OPTIONS)
  if (values.help === true) return { code: 0, out: HELP, err: '' }
  if (positionals.length > 0) throw new ArgumentError('init takes options only (see --help).')
  const names = readNames(values.agents)
  const plans = plan(values.dir ?? '', names)
  refuseExisting(plans)
  write(plans)
  const told = plans.map(({ path, about }) => `Made ${path}: ${about}\n`).join('')
  const advice = names.length === 0 ? adviseAgent(plans[0]?.path ?? '.env') : ''
  return { code: 0, out: `${told}${advice}`, err: '' }
}

/**
 * `pnpm hub init`: makes the secrets of a new network. Nothing that is there is touched; whatever cannot be is one
 * sentence and exit code 1, and leaves nothing behind.
 *
 * @param args what follows `init`
 */
export const runInitCommand = (args: readonly string[]): CommandResult => {
  try {
    return run(args)
  } catch (error) {
    if (!(error instanceof ArgumentError) && !(error instanceof NewFileError)) throw error
    return { code: 1, out: '', err: `${error.message}\n` }
  }
}
