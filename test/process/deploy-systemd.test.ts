import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { appendFile, cp, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { bootMachine } from '../helpers/container.ts'
import { needProgram } from '../helpers/debian.ts'
import { removeRoot } from '../helpers/machine-root.ts'
import { openNetwork } from '../helpers/network.ts'
import { openDestination } from '../helpers/releases.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const DEPLOY = join(ROOT, 'deploy')
const TEST_MS_MAX = 120_000
/** What systemd itself calls "OK"; a unit without any protection has 9.6. */
const EXPOSURE_MAX = 2

const run = (command: string, args: readonly string[]) =>
  new Promise<{ code: number; out: string }>((resolve) => {
    execFile(command, [...args], (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out: `${out}${err}` })
    })
  })

/** A copy of what a release is made of, which a test may change. */
const openCheckout = async () => {
  const path = await mkdtemp(join(tmpdir(), 'checkout-'))
  for (const name of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'LICENSE', '.env.example']) {
    await cp(join(ROOT, name), join(path, name))
  }
  for (const name of ['shared', 'hub', 'agent', 'deploy']) {
    await cp(join(ROOT, name), join(path, name), { recursive: true, filter: (file) => !file.endsWith('node_modules') })
  }
  return { path, [Symbol.asyncDispose]: () => removeRoot(path) }
}

test('the scripts please their linter', async () => {
  const scripts = [
    join(DEPLOY, 'install.sh'),
    join(DEPLOY, 'systemd/ai-comms'),
    join(ROOT, '.ci/install-debian-packages'),
  ]
  expect(await run(needProgram('shellcheck', 'shellcheck'), scripts)).toEqual({ code: 0, out: '' })
})

describe('the script that installs', () => {
  test.each([
    { args: [], says: 'Say what to install' },
    { args: ['hubs'], says: 'Say what to install' },
    { args: ['hub', 'atlas'], says: 'hub takes nothing more' },
    { args: ['agent'], says: 'Name the agents' },
    { args: ['agent', 'At las'], says: '"At las" cannot be' },
    { args: ['agent', '../etc'], says: 'cannot be' },
    { args: ['agent', 'a'.repeat(22)], says: 'at most 21' },
    { args: ['--force', 'hub'], says: 'Unknown option --force' },
    { args: ['rollback'], says: 'no release before' },
  ])('refuses %j in one sentence, and makes nothing', async ({ args, says }) => {
    await using machine = await openDestination({ isBare: true })
    const { code, out } = await machine.install(...args)
    expect({ code, lines: out.trim().split('\n').length }).toEqual({ code: 1, lines: 1 })
    expect(out).toContain(says)
    expect(readdirSync(machine.root)).toEqual([])
  })

  test('says what it would do when it is only asked, and does nothing of it', async () => {
    await using machine = await openDestination({ isBare: true })
    const { code, out } = await machine.install('--dry-run', 'hub')
    expect(code).toBe(0)
    expect(out.match(/^Would: /gm)).toHaveLength(6)
    expect(readdirSync(machine.root)).toEqual([])
  })
})

test('installs once, keeps what is there, updates, keeps one release before, and goes back to it', {
  timeout: TEST_MS_MAX,
}, async () => {
  await using checkout = await openCheckout()
  await using machine = await openDestination({ checkout: checkout.path, isBare: true })
  const at = (path: string) => join(machine.root, path)
  const current = () => readlinkSync(at('opt/ai-comms/current'))
  const first = await machine.install('hub')
  expect(first, first.out).toMatchObject({ code: 0, out: expect.stringMatching(/Build release 0\.1\.0-[0-9a-f]{12}/) })
  expect(statSync(at('etc/ai-comms/.env')).mode & 0o777).toBe(0o600)
  const secrets = readFileSync(at('etc/ai-comms/.env'), 'utf8')
  expect(secrets).toMatch(/^HUB_SECRET=[0-9a-f]{64}$/m)
  expect(secrets).toMatch(/^HUB_TRUST_PROXY=127\.0\.0\.1$/m)
  expect(first.out).not.toContain(/^HUB_SECRET=(.*)$/m.exec(secrets)?.[1])

  const again = await machine.install('hub')
  expect(again.out).not.toMatch(/Build|Write|Make|Remove/)
  expect(again.out.match(/^Kept /gm)).toHaveLength(6)
  expect(readFileSync(at('etc/ai-comms/.env'), 'utf8')).toBe(secrets)

  // An agent on the hub's own machine knows what it needs from the start
  expect((await machine.install('agent', 'atlas', 'nova')).code).toBe(0)
  const [atlas, nova] = ['atlas', 'nova'].map((name) => readFileSync(at(`etc/ai-comms/.env.${name}`), 'utf8'))
  for (const name of ['HUB_SECRET', 'SECURITY_AGENT_SECRET', 'SECURITY_ENCRYPTION_KEY']) {
    const value = new RegExp(`^${name}=(.+)$`, 'm').exec(secrets)?.[1] ?? 'none'
    expect(atlas).toContain(`${name === 'HUB_SECRET' ? 'AGENT_HUB_SECRET' : name}=${value}\n`)
  }
  expect([atlas, nova].map((text) => /HEALTH_PORT=(\d+)/.exec(text ?? '')?.[1])).toEqual(['9091', '9092'])

  // What is of this checkout only stays here
  await writeFile(join(checkout.path, 'deploy/.env'), 'DOMAIN=x\n')
  await writeFile(join(checkout.path, 'hub/.env.echo'), 'HUB_SECRET=y\n')
  const releases = [current()]
  for (const change of ['one', 'two', 'three']) {
    await writeFile(join(checkout.path, 'hub/src/change.ts'), `export const change = '${change}'\n`)
    const update = await machine.install('hub')
    expect(update, update.out).toMatchObject({
      code: 0,
      out: expect.stringContaining(`and ${releases[0]?.slice('releases/'.length)} previous`),
    })
    releases.unshift(current())
    if (change === 'two') break
  }
  const hidden = readdirSync(at('opt/ai-comms/current'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    /(?:^|\/)\.env(?!\.example)/.test(path),
  )
  expect(hidden).toEqual([])
  expect(readdirSync(at('opt/ai-comms/releases'))).toHaveLength(2)
  expect((await machine.install('rollback')).code).toBe(0)
  expect(current()).toBe(releases[1])
  expect(readlinkSync(at('opt/ai-comms/previous'))).toBe(releases[0])
})

test('the units are right and confined, and a hub and an agent serve under the real systemd', {
  timeout: TEST_MS_MAX,
}, async () => {
  await using machine = await openDestination()
  for (const args of [['hub'], ['agent', 'atlas']]) expect((await machine.install(...args)).code).toBe(0)
  await appendFile(join(machine.root, 'etc/ai-comms/.env.atlas'), 'AI_PROVIDER=echo\n')

  await using network = await openNetwork(1)
  await using host = await bootMachine({ root: machine.root, network: network.hosts[0]?.path ?? '' })
  const names = 'ai-comms-hub.service ai-comms-agent@atlas.service'
  expect(await host.sh(`systemd-analyze verify --man=no ${names}`)).toEqual({ code: 0, out: '' })
  const exposed = await host.sh(`systemd-analyze security --no-pager --threshold=${EXPOSURE_MAX * 10} ${names}`)
  expect(exposed, exposed.out).toMatchObject({ code: 0 })
  expect(await host.sh('systemctl enable --now ai-comms-hub ai-comms-agent@atlas')).toMatchObject({ code: 0 })
  await host.until(['sh', '-c', `curl -sf http://127.0.0.1:8090/health | grep '"agents":1'`])
  await host.until(['sh', '-c', `curl -sf http://127.0.0.1:9091/ready`])
  const secret = /^HUB_SECRET=(.+)$/m.exec(await readFile(join(machine.root, 'etc/ai-comms/.env'), 'utf8'))?.[1] ?? ''
  const task = `curl -sf http://127.0.0.1:8090/task -H 'Authorization: Bearer ${secret}' -H 'Content-Type: application/json' -d '{"agent":"atlas","message":"hello"}'`
  expect((await host.sh(task)).out).toContain('"success":true')

  // Nobody special, who has no secret in an environment and can write to nothing but the data
  const { out: status } = await host.sh('cat /proc/$(systemctl show -P MainPID ai-comms-hub)/status')
  expect(status).toMatch(/Uid:\t(?!0\t)6\d{4}\t/)
  expect(status).toMatch(/CapBnd:\t0+\n/)
  expect(status).toMatch(/NoNewPrivs:\t1\nSeccomp:\t2/)
  const { out: environment } = await host.sh(
    'cat /proc/$(systemctl show -P MainPID ai-comms-hub)/environ; systemctl show ai-comms-hub',
  )
  expect(environment).not.toContain(secret)
  expect((await host.sh('stat -Lc "%a" /var/lib/private/ai-comms-hub /var/lib/private/ai-comms-agent-atlas')).out).toBe(
    '700\n700\n',
  )

  // The commands, on the data of what runs
  const issued = await host.sh('ai-comms hub token issue --name nova --scope agent 2>/dev/null')
  expect(issued).toMatchObject({ code: 0, out: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+\n$/) })
  expect((await host.sh('ai-comms hub token list')).out).toMatch(/nova +agent .*active/)
  const doctor = await host.sh('ai-comms agent atlas doctor')
  expect(doctor, doctor.out).toMatchObject({ code: 0, out: expect.stringContaining('All is well') })
  expect(await host.sh('ai-comms agent')).toMatchObject({ code: 1 })
  expect(await host.sh('ai-comms hub')).toMatchObject({ code: 1 })

  // A death is not the end, and a stop is in order
  await host.sh('systemctl kill --signal=KILL ai-comms-agent@atlas')
  await host.until(['sh', '-c', 'test "$(systemctl show -P NRestarts ai-comms-agent@atlas)" = 1'])
  await host.until(['sh', '-c', `curl -sf http://127.0.0.1:9091/ready`])
  expect(await host.sh('systemctl stop "ai-comms-*"')).toMatchObject({ code: 0 })
  const log = await host.until(['sh', '-c', `journalctl -u ai-comms-hub -o cat --no-pager | grep -z '"msg":"Stopped"'`])
  expect((await host.sh('systemctl show -P Result -P ExecMainStatus ai-comms-hub')).out).toBe('success\n0\n')
  expect(log.out).not.toContain(secret)
})
