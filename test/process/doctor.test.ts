import { spawn } from 'node:child_process'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { RestartableAgent } from '../helpers/agent-process.ts'
import { openDataFolder } from '../helpers/data-folder.ts'
import { endWithMe } from '../helpers/end-with-me.ts'
import { startHub } from '../helpers/start-hub.ts'
import { startTokenHub } from '../helpers/token-folder.ts'
import { within } from '../helpers/within.ts'

const MAIN = fileURLToPath(new URL('../../agent/src/main.ts', import.meta.url))
/** Without its powers root is a user like any other, whom a folder's mode holds off. */
const AS_ANYBODY = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all'] : []
const YEARS_MS = 3_000 * 86_400_000

interface Check {
  readonly name: string
  readonly status: string
  readonly detail: string
  readonly fix?: string
}

/** Runs the agent's program in a folder until it ends by itself. */
const run = async (folder: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const [command = '', ...argv] = [...AS_ANYBODY, process.execPath, '--', MAIN, ...args]
  const own = { PATH: process.env['PATH'], HEALTH_PORT: '0', OLLAMA_BASE_URL: 'http://127.0.0.1:9', ...env }
  const child = spawn(command, argv, { cwd: folder, env: own, stdio: ['ignore', 'pipe', 'pipe'] })
  endWithMe(child)
  const [out, err] = [[] as string[], [] as string[]]
  child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code: await within(ended, 'the end of the program', 20_000), out: out.join(''), err: err.join('') }
}

const examine = async (folder: string, env: Readonly<Record<string, string>>, ...args: string[]) => {
  const { code, out, err } = await run(folder, ['doctor', '--json', ...args], env)
  expect(err).toBe('')
  const { ok, checks }: { ok: boolean; checks: readonly Check[] } = JSON.parse(out)
  return { code, out, ok, checks, of: (name: string) => checks.find((check) => check.name === name) }
}

test('beside an agent that runs the doctor finds all well, and neither agent nor hub hear of it', async () => {
  await using folder = await openDataFolder()
  await using hub = await startHub()
  const env = { AI_PROVIDER: 'echo', DATA_DIR: join(folder.path, 'data') }
  await using agent = new RestartableAgent(hub, hub.url, env)
  await agent.start()
  const agents = await hub.get('/agents')
  const eventsBefore = hub.events.length
  const own = { ...env, AGENT_NAME: 'Atlas', AGENT_HUB_URL: hub.url, AGENT_HUB_SECRET: hub.secret }
  const { code, ok, checks, of, out } = await examine(folder.path, own)
  expect({ code, ok, unwell: checks.filter(({ status }) => status !== 'ok') }).toEqual({
    code: 0,
    ok: true,
    unwell: [],
  })
  expect(of('data folder')?.detail).toContain('an agent is at work in it')
  expect(of('hub secret')?.detail).toContain('one agent of that name online')
  expect(of('hub socket')?.detail).toContain('without registering')
  expect(out).not.toContain(hub.secret)
  expect((await hub.get('/agents')).body).toEqual(agents.body)
  expect(hub.events.slice(eventsBefore)).toEqual([])
})

test('a secret or token that the hub does not take, or not for this name, is told with the command that gets the right one', async () => {
  await using folder = await openDataFolder()
  await using tokens = await startTokenHub()
  const { hub } = tokens
  const issue = (name: string) => tokens.issue(name, ['agent'], YEARS_MS)
  const revoked = await issue('atlas')
  await tokens.book.revoke({ jti: revoked.jti }, tokens.now)
  const look = async (secret: string) => {
    const own = { AI_PROVIDER: 'echo', AGENT_NAME: 'Atlas', AGENT_HUB_URL: hub.url, AGENT_HUB_SECRET: secret }
    const { of, code, out } = await examine(folder.path, own)
    expect(out).not.toContain(secret)
    return { code, ...of('hub secret') }
  }
  const [wrong, own, others, ended] = await Promise.all([
    look('not-the-secret-of-the-hub'),
    look((await issue('atlas')).token),
    look((await issue('nova')).token),
    look(revoked.token),
  ])
  const issueIt = expect.stringContaining(`pnpm hub token issue --name 'Atlas' --scope agent`)
  expect(wrong).toMatchObject({ code: 1, status: 'fail', fix: expect.stringContaining('HUB_SECRET of the hub') })
  expect(own).toMatchObject({ code: 0, status: 'ok', detail: expect.stringContaining('a token for atlas') })
  expect(others).toMatchObject({ code: 1, status: 'fail', fix: expect.stringContaining('AGENT_NAME=nova') })
  expect(ended).toMatchObject({ code: 1, status: 'fail', detail: expect.stringContaining('revoked'), fix: issueIt })
})

test('a newcomer with an empty .env learns what to do next in order, and is well when it is done', async () => {
  await using folder = await openDataFolder()
  await using hub = await startHub({ env: { HUB_SECRET: '' } })
  await writeFile(join(folder.path, '.env'), '')
  const before = await run(folder.path, ['doctor'])
  expect(before).toMatchObject({ code: 1, err: '' })
  expect(before.out).toContain(
    [
      'ok    env file        .env sets no variable.',
      'FAIL  configuration   AGENT_HUB_URL is missing: where the hub is, such as http://localhost:8090.',
      '      1. Start a hub with "pnpm hub" if you have none, and write AGENT_HUB_URL=http://localhost:8090, or the URL of your hub, into .env.',
    ].join('\n'),
  )
  const steps = [...before.out.matchAll(/^ {6}(\d)\. .*?([A-Z_]+)=/gm)].map(([, step, name]) => `${step} ${name}`)
  expect(steps).toEqual(['1 AGENT_HUB_URL', '2 AGENT_NAME', '3 OPENAI_API_KEY'])
  expect(before.out).toMatch(
    /1 failed, 2 warnings\. Do steps 1 to 3 in this order, then run "pnpm agent doctor" again\.\n$/,
  )
  expect(before.out).not.toContain('\u001b')
  await writeFile(join(folder.path, '.env'), `AGENT_HUB_URL=${hub.url}\nAGENT_NAME=Atlas\nAI_PROVIDER=echo\n`)
  const after = await run(folder.path, ['doctor'])
  expect(after).toMatchObject({ code: 0, err: '' })
  expect(after.out).toMatch(/hub secret {6}The hub asks for none\..*All is well: "pnpm agent" starts the agent\.\n$/s)
})

test('a data folder that may not be written or made is told with the command that gives the right', async () => {
  await using folder = await openDataFolder()
  const locked = join(folder.path, 'locked')
  await mkdir(locked, { mode: 0o500 })
  const own = { AI_PROVIDER: 'echo', AGENT_NAME: 'Atlas', AGENT_HUB_URL: 'http://localhost' }
  const look = (dataDir: string) => examine(folder.path, { ...own, DATA_DIR: dataDir }, '--offline')
  const barred = join(folder.path, 'barred')
  await mkdir(barred, { mode: 0 })
  const [itself, below, hidden] = await Promise.all([
    look(locked),
    look(join(locked, 'below')),
    look(join(barred, 'below')),
  ])
  await Promise.all([chmod(locked, 0o700), chmod(barred, 0o700)])
  const giveRight = (path: string) => ({ status: 'fail', fix: expect.stringContaining(`chmod u+rwx ${path}`) })
  expect(itself.of('data folder')).toMatchObject(giveRight(locked))
  expect(hidden.of('data folder')).toMatchObject(giveRight(join(barred, 'below')))
  expect(below.of('data folder')).toMatchObject({ status: 'fail', fix: expect.stringContaining(`mkdir -p ${locked}`) })
})

test('the command line explains the doctor, and what it does not know is one sentence and exit 1', async () => {
  await using folder = await openDataFolder()
  const help = await run(folder.path, ['--help'])
  expect(help).toMatchObject({
    code: 0,
    out: expect.stringMatching(/pnpm agent doctor \[--offline\] \[--json\]/),
    err: '',
  })
  const wrong = [['docter'], ['doctor', '--of'], ['--json']]
  const found = await Promise.all(wrong.map((args) => run(folder.path, args)))
  expect(found.map(({ code, out }) => ({ code, out }))).toEqual(wrong.map(() => ({ code: 1, out: '' })))
  for (const { err } of found) expect(err).toMatch(/^[^\n]+ \(see --help\)\.\n$/)
})
