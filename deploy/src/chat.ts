import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { isAgentName } from '@ai-comms/shared'
import { HubClient } from './hub-client.ts'
import { loadEnvFile } from './load-env-file.ts'
import { findDataFolder, findLocalHub, type LocalHub } from './local-hub.ts'

const HELP = `Usage: pnpm chat [--name NAME]

A chat with an agent of your own, in this terminal. It joins the hub that
pnpm start runs in another terminal; without one it answers alone.
In a pipe, each line is a message: echo 'What is 2 + 2?' | pnpm -s chat

  --name NAME                   what the agent is called (AGENT_NAME, or desk);
                                two chats at a time need two names
  AGENT_HUB_URL, AGENT_HUB_SECRET
                                another hub than that of pnpm start
  OPENAI_API_KEY, ANTHROPIC_API_KEY, OLLAMA_BASE_URL
                                in .env or the environment: the agent uses it;
                                without any of them it echoes
  NO_COLOR                      no colours

Keys: Enter sends, Alt-Enter begins a line, arrow keys bring back what was sent,
Ctrl-C stops waiting for an answer and leaves when pressed twice, Ctrl-D leaves.
`

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const DEFAULT_NAME = 'desk'
const DEFAULT_PORT = '8090'
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Answers are on the standard output, and nothing else is. */
const say = (sentence: string) => process.stderr.write(`${sentence}\n`)

/** What the agent is told of a hub; of one that is not there, only where it would be. */
interface Hub {
  readonly url: string
  readonly secret?: string
  readonly isAway?: boolean
  /** What its agents sign and encrypt with; the environment's own where they are absent. */
  readonly agentSecret?: string
  readonly encryptionKey?: string
}

const isSameHub = (one: string, other: string): boolean => {
  const toPlace = (text: string) => {
    const { hostname, port } = new URL(text)
    return `${hostname.replace(/^(?:localhost|\[::1\])$/, '127.0.0.1')}:${port}`
  }
  return URL.canParse(one) && URL.canParse(other) && toPlace(one) === toPlace(other)
}

/** The hub of the environment wins; its secret may be the one that `pnpm start` made. */
const findChosenHub = (noted: LocalHub | undefined): Hub | undefined => {
  const { AGENT_HUB_URL: url, AGENT_HUB_SECRET: secret } = process.env
  if (secret) return { url: url || noted?.url || `http://127.0.0.1:${process.env['PORT'] || DEFAULT_PORT}`, secret }
  return url && !(noted && isSameHub(url, noted.url)) ? { url } : undefined
}

const findHub = async (): Promise<Hub> => {
  const noted = findLocalHub()
  const chosen = findChosenHub(noted)
  if (chosen) return chosen
  if (noted && (await new HubClient(noted.url, noted.secret).isThere())) return noted
  say(
    'No hub is running here, so this agent answers alone. To join others, run pnpm start in another terminal, then this again.',
  )
  return { url: noted?.url ?? `http://127.0.0.1:${process.env['PORT'] || DEFAULT_PORT}`, isAway: true }
}

/** A folder for each name: two agents never share one. */
const findFolder = (name: string): string => {
  const isPlain = /^[a-z0-9_-]+$/.test(name)
  const own = isPlain ? name : createHash('sha256').update(name).digest('hex').slice(0, 16)
  return `${findDataFolder()}/chat-${own}`
}

const toEnvironment = (name: string, { url, secret, isAway, agentSecret, encryptionKey }: Hub) => ({
  ...process.env,
  ...(agentSecret === undefined || encryptionKey === undefined
    ? {}
    : {
        SECURITY_AGENT_SECRET: agentSecret,
        SECURITY_AGENT_SECRET_FILE: '',
        SECURITY_ENCRYPTION_KEY: encryptionKey,
        SECURITY_ENCRYPTION_KEY_FILE: '',
      }),
  PLATFORM: 'console',
  AGENT_NAME: name,
  AGENT_HUB_URL: url,
  AGENT_HUB_SECRET: secret ?? '',
  // a file of a secret is for the hub that the environment names
  ...(secret === undefined ? {} : { AGENT_HUB_SECRET_FILE: '' }),
  // of a hub that is not there enough was said
  AGENT_LOG_LEVEL: process.env['AGENT_LOG_LEVEL'] || (isAway ? 'error' : 'warn'),
  HEALTH_PORT: process.env['HEALTH_PORT'] || '0',
  DATA_DIR: findFolder(name),
})

const chat = async (name: string): Promise<number> => {
  const env = toEnvironment(name, await findHub())
  const agent = spawn(process.execPath, ['agent/src/main.ts'], { cwd: ROOT, env, stdio: 'inherit' })
  // the terminal sends Ctrl-C to both, and a script runner passes it on; the agent takes that for one
  for (const signal of SIGNALS) process.on(signal, () => agent.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal))
  await once(agent, 'close')
  const { exitCode, signalCode } = agent
  return exitCode ?? 128 + (signalCode === null ? 0 : constants.signals[signalCode])
}

const main = async (): Promise<number> => {
  const { values } = parseArgs({ options: { name: { type: 'string' }, help: { type: 'boolean', short: 'h' } } })
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  loadEnvFile()
  const name = (values.name ?? (process.env['AGENT_NAME'] || DEFAULT_NAME)).normalize('NFKC')
  if (isAgentName(name)) return chat(name)
  say(
    'An agent cannot be called so: a name is 1 to 64 letters, digits and . _ - or spaces, with a letter or digit first.',
  )
  return 1
}

try {
  process.exit(await main())
} catch (error) {
  if (!(error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))) throw error
  say(`${error.message.split(/[.\n]/)[0]} (see --help).`)
  process.exit(1)
}
