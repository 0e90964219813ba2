import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { appendFile, chown, cp, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type ComposeProject, readCompose } from '../helpers/compose.ts'
import { type Container, startContainer } from '../helpers/container.ts'
import { buildImage, type Image, toContainer } from '../helpers/image.ts'
import { removeRoot } from '../helpers/machine-root.ts'
import { openNetwork } from '../helpers/network.ts'

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const AGENTS = ['atlas', 'nova', 'bolt']
/** The user of an image, by number. */
const NODE = 1000
const TEST_MS_MAX = 150_000

/** A checkout as it is before `docker compose up`: the files of `deploy`, and the secrets of `pnpm hub init`. */
const openCheckout = async () => {
  const path = await mkdtemp(join(tmpdir(), 'compose-'))
  await cp(join(ROOT, 'deploy'), join(path, 'deploy'), {
    recursive: true,
    filter: (file) => !file.includes('node_modules'),
  })
  await run(process.execPath, [join(ROOT, 'hub/src/main.ts'), 'init', '--agents', AGENTS.join(',')], { cwd: path })
  for (const name of AGENTS) await appendFile(join(path, `.env.${name}`), 'AI_PROVIDER=echo\n')
  return { path, [Symbol.asyncDispose]: () => removeRoot(path) }
}

const readSecret = async (folder: string, name: string): Promise<string> =>
  new RegExp(`^${name}=(.+)$`, 'm').exec(await readFile(join(folder, '.env'), 'utf8'))?.[1] ?? ''

const expectHardened = ({ services }: ComposeProject): void => {
  for (const [name, service] of Object.entries(services)) {
    expect(service, name).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      restart: 'unless-stopped',
    })
  }
}

/** Only agents speak WhatsApp; nobody brings along what only builds and tests need. */
const expectContents = (hub: Image, agent: Image): void => {
  const listPackages = ({ root }: Image) =>
    readdirSync(join(root, 'app/node_modules/.pnpm')).map((name) => name.replace(/(?<=.)@.*/, ''))
  expect(listPackages(agent)).toContain('@whiskeysockets+baileys')
  expect(listPackages(hub)).not.toContain('@whiskeysockets+baileys')
  for (const name of ['typescript', 'vitest', 'node', '@biomejs+biome']) {
    for (const image of [hub, agent]) expect(listPackages(image)).not.toContain(name)
  }
}

const openData = async (name: string) => {
  const path = await mkdtemp(join(tmpdir(), `volume-${name}-`))
  await chown(path, NODE, NODE)
  return { path, [Symbol.asyncDispose]: () => removeRoot(path) }
}

/** Runs the health check as the image has it, until it says yes. */
const untilHealthy = (container: Container, { healthcheck, folder }: Image) =>
  container.until(healthcheck, { user: NODE, folder })

describe('compose.yaml', () => {
  test('brings up a hub and three agents that answer, each as nobody special on a root that nobody can write to', {
    timeout: TEST_MS_MAX,
  }, async () => {
    await using checkout = await openCheckout()
    const project = await readCompose(checkout.path, 'deploy/compose.yaml')
    expectHardened(project)
    expect(Object.keys(project.services).sort()).toEqual([...AGENTS, 'hub'].sort())
    const { hub: hubService } = project.services
    expect(hubService?.environment).toMatchObject({ SECURITY_AGENT_SECRET: '', SECURITY_ENCRYPTION_KEY: '' })
    const [hubImage, agentImage] = await Promise.all([
      buildImage(hubService?.build?.dockerfile ?? ''),
      buildImage(project.services['atlas']?.build?.dockerfile ?? ''),
    ])
    expectContents(hubImage, agentImage)
    await using stack = new AsyncDisposableStack()
    stack.use(hubImage)
    stack.use(agentImage)
    const network = stack.use(await openNetwork(AGENTS.length + 1))
    for (const { root } of [hubImage, agentImage]) {
      await writeFile(join(root, 'etc/hosts'), `127.0.0.1 localhost\n${network.hosts[0]?.address} hub\n`)
    }
    const start = async (name: string, image: Image, at: number, more: Record<string, string> = {}) => {
      const data = stack.use(await openData(name))
      const env = { ...project.services[name]?.environment, ...more }
      const path = network.hosts[at]?.path ?? ''
      const container = stack.use(startContainer({ ...toContainer(image, data.path, env), network: path }))
      return { name, container, image, data }
    }
    const hub = await start('hub', hubImage, 0)
    expect((await untilHealthy(hub.container, hubImage)).out).toBe('ok\n')
    const agents = await Promise.all(AGENTS.map((name, at) => start(name, agentImage, at + 1)))
    for (const { container, image } of agents) await untilHealthy(container, image)

    const secret = await readSecret(checkout.path, 'HUB_SECRET')
    const call = (path: string, ...args: string[]) =>
      hub.container.run([
        'curl',
        '-sf',
        `http://127.0.0.1:8090${path}`,
        '-H',
        `Authorization: Bearer ${secret}`,
        ...args,
      ])
    await hub.container.until(['sh', '-c', `curl -sf http://127.0.0.1:8090/health | grep '"agents":3'`])
    const json = ['-H', 'Content-Type: application/json', '-d', '{"message":"status check"}']
    const { results }: { results: object[] } = JSON.parse((await call('/broadcast', ...json)).out)
    expect(results).toHaveLength(AGENTS.length)
    for (const result of results) expect(result).toMatchObject({ success: true })

    for (const { name, container, image } of [hub, ...agents]) {
      const { out } = await container.run(['grep', '-E', '^(Uid|NoNewPrivs|CapEff):', '/proc/1/status'])
      expect(out, name).toMatch(/^Uid:\t1000\t1000\t1000\t1000\nCapEff:\t0+\nNoNewPrivs:\t1\n$/)
      const touch = await container.run(['touch', join(image.folder, 'x'), '/etc/x'])
      expect(touch, name).toMatchObject({ code: 1, out: expect.stringContaining('Read-only file system') })
    }
    for (const { name, container } of [...agents, hub])
      expect(await container.stop(), `${name}: ${container.output}`).toBe(0)
    expect(hub.container.output).toContain('"msg":"Stopped"')
  })
})

describe('compose.vps.yaml', () => {
  const read = (path: string) => readCompose(path, 'deploy/compose.vps.yaml')

  test('puts Caddy, and nobody else, in front of a hub that believes what Caddy says of callers', async () => {
    await using checkout = await openCheckout()
    await writeFile(join(checkout.path, 'deploy/.env'), 'DOMAIN=hub.example.com\n')
    const project = await read(checkout.path)
    expectHardened(project)
    const { hub, caddy } = project.services
    expect(hub?.ports).toEqual([])
    expect(caddy).toMatchObject({ cap_add: ['NET_BIND_SERVICE'] })
    expect(caddy?.environment).toMatchObject({
      DOMAIN: 'hub.example.com',
      HUB_UPSTREAM: `hub:${hub?.environment['PORT']}`,
    })
    const { edge } = z.object({ edge: z.object({ ipv4_address: z.string() }) }).parse(caddy?.networks)
    expect(hub?.environment['HUB_TRUST_PROXY']).toBe(edge.ipv4_address)
  })

  test('says what to do where there is no name for it yet', async () => {
    await using checkout = await openCheckout()
    await expect(read(checkout.path)).rejects.toThrow('Put DOMAIN=hub.example.com')
  })
})
