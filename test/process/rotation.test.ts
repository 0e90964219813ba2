import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAgent, type PeerAudit, type SocialOptions } from '@ai-comms/agent'
import { expect, test } from 'vitest'
import { RestartableAgent } from '../helpers/agent-process.ts'
import { listTasks, untilAllOver } from '../helpers/all-tasks.ts'
import { type DataFolder, openDataFolder } from '../helpers/data-folder.ts'
import { runHubCommand } from '../helpers/hub-command.ts'
import { HubLives } from '../helpers/hub-lives.ts'
import { COMPILED } from '../helpers/hub-process.ts'
import { Inbox } from '../helpers/inbox.ts'
import { dial } from '../helpers/peer.ts'
import { Submitters } from '../helpers/submitters.ts'
import { bearer } from '../helpers/token-folder.ts'

const TEST_MS_MAX = 150_000
/** The first waits of a reconnect are drawn from up to 1, 2 and 4 s; a start of the hub comes on top. */
const RECONNECT_MS_MAX = 15_000
const [OLD, NEW] = ['the-old-secret-0123456789abcdef0123', 'the-new-secret-0123456789abcdef0123']
/** What signs, while another secret is replaced. */
const SIGNING = 'the-signing-secret-0123456789abcdef0'

/** A file with a secret in it, which is changed as an operator would. */
const secretFile = (folder: DataFolder, name: string, secret: string) => {
  const path = join(folder.path, name)
  const write = (next: string) => writeFileSync(path, next, { mode: 0o600 })
  write(secret)
  return { path, write }
}

/** An agent that echoes, and has its secret for the hub from a file. */
const agentOf = (hub: HubLives, name: string, file: string) =>
  new RestartableAgent(hub, 'http://127.0.0.1:9', {
    ...{ NODE_COMPILE_CACHE: COMPILED, AI_PROVIDER: 'echo', AGENT_NAME: name, AGENT_DRAIN_MS: '5000' },
    ...{ AGENT_HUB_SECRET: '', AGENT_HUB_SECRET_FILE: file },
  })

const restart = async (agent: RestartableAgent): Promise<void> => {
  await agent.kill('SIGTERM')
  await agent.start()
}

/** Stops the hub as an operator does, starts it again, and waits until these agents are back, by themselves. */
const restartHub = async (hub: HubLives, env: Readonly<Record<string, string>>, names: readonly string[]) => {
  await hub.stop()
  const life = await hub.start(env)
  const back = names.map((name) => life.logged(new RegExp(`"agent":"${name}"[^\n]*has registered`), RECONNECT_MS_MAX))
  await Promise.all(back)
}

/** The hub as somebody with this secret calls it. */
const withSecret = (hub: HubLives, secret: string) => ({
  ...{ url: hub.url, socketUrl: hub.socketUrl, secret },
  call: (method: string, path: string) => hub.call(method, path, bearer(secret)),
})

/** Everything that was accepted is done, and nothing else is there. */
const expectAllDone = async (hub: HubLives, submitters: Submitters): Promise<void> => {
  await submitters.stop()
  const caller = withSecret(hub, submitters.secret)
  await untilAllOver(caller)
  const tasks = await listTasks(caller, { limit: '200' })
  expect(new Set(tasks.map(({ state }) => state))).toEqual(new Set(['completed']))
  expect(tasks.map(({ id }) => id).sort()).toEqual([...submitters.accepted].sort())
}

test('HUB_SECRET is replaced under load: the agents are away for a reconnect, and every accepted task is done', {
  timeout: TEST_MS_MAX,
}, async () => {
  await using folder = await openDataFolder()
  await using hub = new HubLives({ HUB_DATA_DIR: join(folder.path, 'hub') })
  const old = hub.secret
  await hub.start()
  const [one, other] = [secretFile(folder, 'one', old), secretFile(folder, 'other', old)]
  await using atlas = agentOf(hub, 'Atlas', one.path)
  await using nova = agentOf(hub, 'Nova', other.path)
  await Promise.all([atlas.start(), nova.start()])
  await using submitters = new Submitters(hub, { secret: old, agents: ['Atlas', 'Nova'] })
  await submitters.more(20)

  await restartHub(hub, { HUB_SECRET: NEW, HUB_SECRET_PREVIOUS: old }, ['Atlas', 'Nova'])
  await submitters.more(20)
  for (const [file, agent] of [[one, atlas] as const, [other, nova] as const]) {
    file.write(NEW)
    await restart(agent)
    await submitters.more(10)
  }
  submitters.secret = NEW
  await submitters.more(10)
  await restartHub(hub, { HUB_SECRET: NEW }, ['Atlas', 'Nova'])
  await submitters.more(20)
  expect((await hub.call('GET', '/agents', bearer(old))).status).toBe(401)
  await expectAllDone(hub, submitters)
})

test('the token of an agent is replaced under load: it is away for its restart, and every accepted task is done', {
  timeout: TEST_MS_MAX,
}, async () => {
  await using folder = await openDataFolder()
  await using hub = new HubLives({ HUB_DATA_DIR: join(folder.path, 'hub') })
  await hub.start()
  const token = (...args: string[]) => runHubCommand({ cwd: folder.path }, 'token', ...args, '--data-dir', 'hub')
  const issue = async () => (await token('issue', '--name', 'atlas', '--scope', 'agent')).out.trim()
  const first = await issue()
  const file = secretFile(folder, 'token', first)
  await using atlas = agentOf(hub, 'Atlas', file.path)
  await atlas.start()
  await using submitters = new Submitters(hub, { secret: hub.secret, agents: ['Atlas'] })
  await submitters.more(20)

  const second = await issue()
  file.write(second)
  await restart(atlas)
  await submitters.more(20)
  const [, claims = ''] = first.split('.')
  const { jti }: { jti: string } = JSON.parse(Buffer.from(claims, 'base64url').toString())
  expect(await token('revoke', jti)).toMatchObject({ code: 0 })
  await hub.life.logged(new RegExp(`token.revoked[^\n]*${jti}`))
  await submitters.more(20)
  await using late = await dial(hub)
  late.send({ type: 'register', name: 'atlas', secret: first })
  expect(await late.end()).toMatchObject({ code: 4003 })
  expect((await hub.call('GET', '/agents')).text).toContain('"name":"Atlas"')
  await expectAllDone(hub, submitters)
  expect(hub.life.stdout.match(/"agent":"Atlas"[^\n]*has registered/g)).toHaveLength(2)
})

/** An agent of this process that asks others, and what it hears of them. */
const startAsker = async (hub: HubLives, secrets: SocialOptions) => {
  const audits = new Inbox<PeerAudit>()
  const agent = createAgent({
    ...{ name: 'Asker', hubUrl: hub.url, hubSecret: hub.secret, onTask: () => 'done', drainMs: 0 },
    peers: { ...secrets, onAudit: (entry) => audits.put(entry) },
  })
  await agent.start()
  return { agent, audits, [Symbol.asyncDispose]: () => agent.stop() }
}

/** What all agents share at one step, by its place in a rotation: the one that is used, and the one that is taken, too. */
type ToSecrets = (used: string, taken?: string) => SocialOptions

const SHARED: readonly { readonly variable: string; readonly toSecrets: ToSecrets }[] = [
  {
    variable: 'SECURITY_AGENT_SECRET',
    toSecrets: (used, taken) => ({ secret: used, previousSecret: taken }),
  },
  {
    variable: 'SECURITY_ENCRYPTION_KEY',
    toSecrets: (used, taken) => ({ secret: SIGNING, encryptionKey: used, previousEncryptionKey: taken }),
  },
]

test.each(SHARED)(
  '$variable is replaced, one agent after the other: each question is answered, and proven',
  {
    timeout: TEST_MS_MAX,
  },
  async ({ toSecrets }) => {
    await using folder = await openDataFolder()
    await using hub = new HubLives({ HUB_DATA_DIR: ':memory:' })
    await hub.start()
    const startAtlas = async (secrets: SocialOptions) => {
      const agent = new RestartableAgent(hub, 'http://127.0.0.1:9', {
        ...{ NODE_COMPILE_CACHE: COMPILED, AI_PROVIDER: 'echo', DATA_DIR: join(folder.path, 'atlas') },
        SECURITY_AGENT_SECRET: secrets.secret ?? '',
        SECURITY_AGENT_SECRET_PREVIOUS: secrets.previousSecret ?? '',
        SECURITY_ENCRYPTION_KEY: secrets.encryptionKey ?? '',
        SECURITY_ENCRYPTION_KEY_PREVIOUS: secrets.previousEncryptionKey ?? '',
      })
      await agent.start()
      return agent
    }
    const ask = async ({ agent, audits }: Awaited<ReturnType<typeof startAsker>>, text: string) => {
      await audits.take(({ type }) => type === 'peer.registered', 'Atlas')
      const answer = await agent.peers?.ask({ to: { agentName: 'Atlas' }, text })
      expect(answer, text).toMatchObject({ status: 'answered', text: expect.stringContaining(text), isProven: true })
    }

    let asker = await startAsker(hub, toSecrets(OLD))
    let atlas: RestartableAgent | undefined
    try {
      for (const [pass, secrets] of [
        toSecrets(OLD),
        toSecrets(OLD, NEW),
        toSecrets(NEW, OLD),
        toSecrets(NEW),
      ].entries()) {
        await atlas?.kill('SIGTERM')
        await atlas?.[Symbol.asyncDispose]()
        atlas = await startAtlas(secrets)
        await ask(asker, `pass ${pass}, Atlas is restarted`)
        await asker.agent.stop()
        asker = await startAsker(hub, secrets)
        await ask(asker, `pass ${pass}, both are restarted`)
      }
      await using late = await startAsker(hub, toSecrets(OLD))
      await atlas?.kill('SIGTERM')
      await atlas?.start()
      await late.audits.take(({ type }) => type === 'peer.refused', 'the refusal by an agent that was forgotten')
    } finally {
      await asker.agent.stop()
      await atlas?.[Symbol.asyncDispose]()
    }
  },
)
