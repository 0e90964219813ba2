import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text as readAll } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ChatTerminal } from '../helpers/chat-terminal.ts'
import { Demonstration, findFreePort } from '../helpers/demonstration.ts'
import { endWithMe } from '../helpers/end-with-me.ts'
import { within } from '../helpers/within.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CHAT = [process.execPath, 'deploy/src/chat.ts']
const ANSWERS_MS_MAX = 40_000
const NAMES = ['atlas', 'nova', 'bolt']

/** Whatever this machine has, the agent echoes and knows of no hub but that of the test. */
const toEnvironment = ({ folder }: Demonstration) => ({
  OPENAI_API_KEY: '',
  ANTHROPIC_API_KEY: '',
  AI_PROVIDER: 'echo',
  AI_FALLBACK_PROVIDERS: '',
  AGENT_NAME: '',
  AGENT_HUB_URL: '',
  AGENT_HUB_SECRET: '',
  AGENT_LOG_LEVEL: '',
  HEALTH_PORT: '',
  START_DATA_DIR: folder,
})

/** Runs a chat in a pipe until the last answer was written. */
const pipeChat = async (network: Demonstration, lines: readonly string[]) => {
  const child = spawn(CHAT[0] ?? '', CHAT.slice(1), {
    cwd: ROOT,
    env: { ...process.env, ...toEnvironment(network) },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  endWithMe(child)
  child.stdin.end(`${lines.join('\n')}\n`)
  const all = Promise.all([readAll(child.stdout), readAll(child.stderr), once(child, 'close')])
  const [said, noticed] = await within(all, 'the end of a chat', ANSWERS_MS_MAX)
  return { said, noticed, code: child.exitCode }
}

/** An echo of an agent, with its name before it. */
const echoOf = (name: string, message: string) => new RegExp(`${name}:\\s+This is an echo[\\s\\S]*?${message}`)

test('a newcomer without any account sees agents, a team and a group at work, in a terminal and through a pipe', async () => {
  await using network = new Demonstration(await findFreePort())
  await network.shown()
  {
    await using chat = await ChatTerminal.open({ argv: CHAT, cwd: ROOT, env: toEnvironment(network) })
    await chat.ask('!agents', /Hub: ok, 4 agent\(s\) online/)
    for (const name of NAMES) await chat.sees(new RegExp(`^• ${name}: `, 'm'))
    await chat.ask('!help', '!team: ')
    for (const name of ['agents', 'group', 'groups', 'forget', 'logs']) await chat.sees(`!${name}: `)
    await chat.ask('!team introduce yourselves', 'No model can be asked for a plan at the moment')
    for (const name of NAMES) await chat.sees(echoOf(name, 'introduce yourselves'))
    await chat.ask('Create a research group with atlas, nova and bolt', /Research.*atlas.*nova.*bolt/)
    chat.say('Tell the Research Team: hello')
    for (const name of NAMES) await chat.sees(echoOf(name, 'hello'))
  }
  const { said, code } = await pipeChat(network, [
    '!agents',
    '!team introduce yourselves',
    'Create a sailing group with atlas, nova and bolt',
    'Tell the Sailing Team: ahoy',
  ])
  expect(said).toMatch(/^Hub: ok, 4 agent\(s\) online/)
  for (const name of NAMES) {
    expect(said).toMatch(echoOf(name, 'introduce yourselves'))
    expect(said).toMatch(echoOf(name, 'ahoy'))
    expect(said.match(new RegExp(`\\[Sailing Team\\] ${name}: `, 'g'))).toHaveLength(1)
  }
  expect(code).toBe(0)
}, 180_000)
