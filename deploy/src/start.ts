import { randomBytes } from 'node:crypto'
import { AGENT_SECRET_VARIABLES, HUB_SECRET_VARIABLES, toFileVariable } from '@ai-comms/shared'
import { Child } from './child.ts'
import { HubClient } from './hub-client.ts'
import { loadEnvFile } from './load-env-file.ts'
import { findDataFolder, type LocalHub, noteLocalHub } from './local-hub.ts'

const HELP = `Usage: pnpm start

Runs a hub and three agents on this machine, sends one task and one broadcast,
prints the answers, and keeps running until Ctrl-C.

  PORT                          port of the hub (8090)
  START_DATA_DIR                where hub and agents keep what they keep, a
                                folder each (data)
  OPENAI_API_KEY, ANTHROPIC_API_KEY, OLLAMA_BASE_URL
                                in .env or the environment: the agents use it;
                                without any of them they echo
`

/** The three agents; distinct skills, so that tasks by skill have somewhere to go. */
const AGENTS = [
  { name: 'atlas', skills: 'research,writing', description: 'finds things out and writes them down' },
  { name: 'nova', skills: 'analysis,planning', description: 'takes problems apart and plans' },
  { name: 'bolt', skills: 'coding,automation', description: 'builds and automates' },
] as const

const DEFAULT_PORT = '8090'
const TASK = 'Introduce yourself in one sentence.'
const BROADCAST = 'Status check: what can you do?'

const print = (text = '') => process.stdout.write(`${text}\n`)

const indent = (text: string) => text.trim().replace(/\n+/g, '\n    ')

/** Variables that would make this demonstration something else when they stand in `.env`; blank counts as missing. */
const NEUTRAL = {
  ...Object.fromEntries([...HUB_SECRET_VARIABLES, ...AGENT_SECRET_VARIABLES].map((name) => [toFileVariable(name), ''])),
  TLS_CERT_PATH: '',
  TLS_KEY_PATH: '',
  HUB_SECRET_PREVIOUS: '',
  PLATFORM: 'none',
  HUB_HOST: '127.0.0.1',
}

const newSecret = () => randomBytes(32).toString('hex')

/** A folder of its own for each process: none may share one with another, nor with what was configured for real work. */
const findFolder = (name: string): string => `${findDataFolder()}/${name}`

const startHub = (port: string, secret: string) =>
  new Child('hub', 'hub/src/main.ts', {
    ...NEUTRAL,
    PORT: port,
    HUB_SECRET: secret,
    HUB_LOG_LEVEL: 'warn',
    HUB_DATA_DIR: findFolder('hub'),
  })

const startAgent = ({ name, skills, description }: (typeof AGENTS)[number], hub: LocalHub) =>
  new Child(name, 'agent/src/main.ts', {
    ...NEUTRAL,
    AGENT_NAME: name,
    AGENT_ID: `${name}_001`,
    AGENT_WORKSPACE: 'local',
    AGENT_SKILLS: skills,
    AGENT_DESCRIPTION: description,
    AGENT_HUB_URL: hub.url,
    AGENT_HUB_SECRET: hub.secret,
    SECURITY_AGENT_SECRET: hub.agentSecret,
    SECURITY_ENCRYPTION_KEY: hub.encryptionKey,
    SECURITY_AGENT_SECRET_PREVIOUS: '',
    SECURITY_REQUIRE_AGENT_AUTH: '',
    AGENT_LOG_LEVEL: 'error',
    // Three agents on one machine: the system gives each a free health port
    HEALTH_PORT: '0',
    DATA_DIR: findFolder(name),
  })

const showCurls = (url: string, secret: string) => {
  const call = (path: string, body?: object) =>
    `  curl ${body === undefined ? '' : `-X POST `}${url}${path} -H 'Authorization: Bearer ${secret}'${
      body === undefined ? '' : ` -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`
    }`
  print('Try it from another terminal:\n')
  print(call('/agents'))
  print(call('/task', { agent: 'nova', message: 'plan a picnic' }))
  print(call('/task', { skill: 'coding', message: 'write a haiku about sockets' }))
  print(call('/broadcast', { message: 'status check' }))
  print(call('/tasks', { agent: 'bolt', message: 'kept on disk until it is done' }))
  print('\nOr talk to them, and make a team or a group of them:\n')
  print('  npx -y pnpm@12 chat')
}

const demonstrate = async (hub: HubClient) => {
  print(`Task to atlas: ${TASK}`)
  print(`  atlas: ${indent(await hub.sendTask('atlas', TASK))}\n`)
  print(`Broadcast to everyone: ${BROADCAST}`)
  for (const result of await hub.broadcast(BROADCAST)) {
    print(`  ${result.agent}: ${indent(result.success ? result.response : `(failed) ${result.error}`)}`)
  }
  print()
}

const untilSignal = () =>
  new Promise<'signal'>((resolve) => {
    // Stays in place: a terminal and a script runner may both pass the same Ctrl-C on
    process.on('SIGINT', () => resolve('signal'))
    process.on('SIGTERM', () => resolve('signal'))
  })

const main = async (): Promise<number> => {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    print(HELP)
    return 0
  }
  loadEnvFile()
  const port = process.env['PORT'] || DEFAULT_PORT
  const url = `http://127.0.0.1:${port}`
  const [secret, agentSecret, encryptionKey] = [newSecret(), newSecret(), newSecret()]
  const hub: LocalHub = { url, secret, agentSecret, encryptionKey }
  const signal = untilSignal()
  const children = [startHub(port, secret)]
  const [hubProcess] = children
  const client = new HubClient(url, secret)
  let forget = () => {}

  const show = async () => {
    await client.untilReady()
    forget = noteLocalHub(hub)
    children.push(...AGENTS.map((agent) => startAgent(agent, hub)))
    const lost = Promise.race(children.map((child) => child.ended()))
    await Promise.race([client.untilAgents(AGENTS.length), lost])
    print(`Hub and ${AGENTS.length} agents are running at ${url}\n`)
    for (const { name, skills } of AGENTS) print(`  ${name.padEnd(6)} ${skills.replace(',', ', ')}`)
    print()
    await demonstrate(client)
    showCurls(url, secret)
    print('\nCtrl-C stops everything.')
    return lost
  }

  const end = await Promise.race([signal, show(), hubProcess?.ended()])
  forget()
  if (end === 'signal') print('\nStopping: running tasks may finish.')
  await Promise.all(children.slice(1).map((child) => child.stop()))
  await hubProcess?.stop()
  return end === 'signal' ? 0 : 1
}

process.exit(await main())
