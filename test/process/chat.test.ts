import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text as readAll } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { Demonstration, findFreePort, paste } from '../helpers/demonstration.ts'
import { endWithMe } from '../helpers/end-with-me.ts'
import { Terminal } from '../helpers/terminal.ts'
import { within } from '../helpers/within.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** Two processes start one after the other, on a machine that may run other tests. */
const CHAT_MS_MAX = 20_000

/** Whatever this machine has, the agent echoes and knows of no hub but that of the test. */
const BARE = {
  OPENAI_API_KEY: '',
  ANTHROPIC_API_KEY: '',
  AI_PROVIDER: 'echo',
  AI_FALLBACK_PROVIDERS: '',
  AGENT_NAME: '',
  AGENT_HUB_URL: '',
  AGENT_HUB_SECRET: '',
  AGENT_LOG_LEVEL: '',
  HEALTH_PORT: '',
}

const useFolder = () => {
  const path = mkdtempSync(join(tmpdir(), 'chat-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

const openChat = (folder: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) =>
  Terminal.open({
    argv: [process.execPath, 'deploy/src/chat.ts', ...args],
    cwd: ROOT,
    env: { ...BARE, START_DATA_DIR: folder, ...env },
  })

/** Runs a chat in a pipe until its input and the answers to it are over. */
const pipeChat = async (folder: string, input: string, args: readonly string[] = [], env = {}) => {
  const child = spawn(process.execPath, ['deploy/src/chat.ts', ...args], {
    cwd: ROOT,
    env: { ...process.env, ...BARE, START_DATA_DIR: folder, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  endWithMe(child)
  child.stdin.end(input)
  const all = Promise.all([readAll(child.stdout), readAll(child.stderr), once(child, 'close')])
  const [said, noticed] = await within(all, 'the end of a chat', CHAT_MS_MAX)
  return { said, noticed, code: child.exitCode }
}

describe('pnpm chat', () => {
  test('joins the hub of pnpm start, whose secret only this user can read', { timeout: 90_000 }, async () => {
    await using network = new Demonstration(await findFreePort())
    await network.shown()
    const noted = join(network.folder, 'local-hub.json')
    expect(statSync(noted).mode & 0o777).toBe(0o600)
    await using chat = await openChat(network.folder, ['--name', 'Desk'], { AGENT_LOG_LEVEL: 'info' })
    await chat.shows('online at the hub')
    const [line = ''] = network.stdout.split('\n').filter((each) => each.includes('/agents'))
    expect(await paste(`${line} -s`)).toMatchObject({
      agents: expect.arrayContaining([expect.objectContaining({ name: 'Desk' })]),
    })
    chat.type('hello')
    chat.press('enter')
    await chat.shows(/Desk: This is an echo[\s\S]*Your message: hello\n/)
    expect(chat.text).not.toContain('No hub')
    chat.press('ctrl-d')
    expect(await chat.ended()).toBe(0)
    expect(await network.end('SIGINT')).toBe(0)
    expect(existsSync(noted)).toBe(false)
  })

  test('answers alone when there is no hub, and says how to get one', async () => {
    using folder = useFolder()
    const { said, noticed, code } = await pipeChat(folder.path, 'one\ntwo\n')
    expect(said).toMatch(/^This is an echo[\s\S]*Your message: one\n[\s\S]*Your message: two\n$/)
    expect(noticed).toBe(
      'No hub is running here, so this agent answers alone. To join others, run pnpm start in another terminal, then this again.\n',
    )
    expect(code).toBe(0)
  })

  test('is not led astray by a hub that was killed, and by what is no note of a hub', { timeout: 60_000 }, async () => {
    using folder = useFolder()
    const url = `http://127.0.0.1:${await findFreePort()}`
    for (const note of [
      JSON.stringify({ url, secret: 's', agentSecret: 's', encryptionKey: 's' }),
      'null',
      'no JSON',
      '{"url": "nowhere", "secret": "s"}',
    ]) {
      writeFileSync(join(folder.path, 'local-hub.json'), note)
      expect(await pipeChat(folder.path, 'hi\n')).toMatchObject({
        noticed: expect.stringMatching(/^No hub is/),
        code: 0,
      })
    }
  })

  test('goes where the environment says, and shows in the chat what becomes of it', async () => {
    using folder = useFolder()
    const env = { AGENT_HUB_URL: `http://127.0.0.1:${await findFreePort()}`, AGENT_HUB_SECRET: 's' }
    await using chat = await openChat(folder.path, [], env)
    await chat.shows(/no link to the hub, another try follows/)
    expect(chat.text).not.toContain('No hub is')
    chat.type('alone')
    chat.press('enter')
    await chat.shows('Your message: alone')
    chat.press('ctrl-c', 'ctrl-c')
    expect(await chat.ended()).toBe(0)
  })

  test('tells how it is used, and what was wrong with its arguments', async () => {
    using folder = useFolder()
    expect(await pipeChat(folder.path, '', ['--help'])).toMatchObject({
      said: expect.stringContaining('--name'),
      code: 0,
    })
    expect(await pipeChat(folder.path, '', ['--nmae'])).toMatchObject({
      noticed: expect.stringContaining('--help'),
      code: 1,
    })
    expect(await pipeChat(folder.path, '', ['--name', '../x'])).toMatchObject({ said: '', code: 1 })
  })
})
