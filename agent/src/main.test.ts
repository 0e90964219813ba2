import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startAgentProcess } from './test-support/agent-process.ts'
import { useFolder } from './test-support/folder.ts'
import { startScriptedHub } from './test-support/scripted-hub.ts'
import { hang, startVendor } from './test-support/vendor-server.ts'

describe('the agent as a process', () => {
  it('registers, answers a task as an echo, drains at SIGTERM and exits 0', async () => {
    using folder = useFolder()
    await using hub = await startScriptedHub()
    await using agent = startAgentProcess(folder, {
      AGENT_NAME: 'Atlas',
      AGENT_HUB_URL: hub.url,
      AGENT_HUB_SECRET: 'a-secret-of-the-hub',
      AGENT_SKILLS: 'echo, talk',
    })
    const side = await hub.connection()
    expect(await side.next()).toMatchObject({
      name: 'Atlas',
      skills: ['echo', 'talk'],
      secret: 'a-secret-of-the-hub',
      protocol: 2,
      maxConcurrency: 4,
      version: expect.stringMatching(/^\d/),
    })
    side.welcome()
    side.task('t1', 'a private word')
    expect(await side.next()).toEqual({ type: 'task-accepted', requestId: 't1' })
    expect(await side.until('task-response')).toMatchObject({ response: expect.stringContaining('a private word') })
    const { healthPort } = await agent.logged('starting')
    expect((await fetch(`http://127.0.0.1:${healthPort}/ready`)).status).toBe(200)
    expect(await (await fetch(`http://127.0.0.1:${healthPort}/health`)).json()).toMatchObject({
      status: 'ok',
      agent: 'Atlas',
      link: 'online',
      providers: ['echo/echo'],
    })
    agent.signal('SIGTERM')
    expect(await side.closed).toMatchObject({ code: 1000 })
    expect(await agent.exited).toBe(0)
    expect(agent.stdout).toContain('this agent only echoes')
    expect(agent.stdout + agent.stderr).not.toMatch(/a-secret-of-the-hub|a private word/)
  })

  it('is the same instance after a restart', async () => {
    using folder = useFolder()
    await using hub = await startScriptedHub()
    const ids: unknown[] = []
    for (let start = 0; start < 2; start++) {
      await using _agent = startAgentProcess(folder, { AGENT_NAME: 'Atlas', AGENT_HUB_URL: hub.url, DATA_DIR: 'mine' })
      const { instanceId } = await (await hub.connection()).until('register')
      ids.push(instanceId)
    }
    expect(ids[0]).toBeTypeOf('string')
    expect(ids[1]).toBe(ids[0])
  })
})

const startBusy = (folder: { path: string }, hubUrl: string, vendorUrl: string, drainMs: string) =>
  startAgentProcess(folder, {
    AGENT_NAME: 'Atlas',
    AGENT_HUB_URL: hubUrl,
    OPENAI_API_KEY: 'sk-test',
    OPENAI_BASE_URL: vendorUrl,
    AGENT_DRAIN_MS: drainMs,
  })

describe('a signal', () => {
  it('lets work finish before the goodbye', async () => {
    using folder = useFolder()
    const release = Promise.withResolvers<void>()
    await using vendor = await startVendor(async (response) => {
      await release.promise
      const chunk = (delta: object, finish: string | null) =>
        `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(`${chunk({ content: 'done' }, null)}${chunk({}, 'stop')}data: [DONE]\n\n`)
    })
    await using hub = await startScriptedHub()
    await using agent = startBusy(folder, hub.url, vendor.url, '10000')
    const side = await hub.online()
    side.task('t1', 'hi')
    await vendor.arrivals.next()
    agent.signal('SIGINT')
    await agent.logged('draining')
    release.resolve()
    expect(await side.until('task-response')).toMatchObject({ requestId: 't1', response: 'done' })
    expect(await agent.exited).toBe(0)
  })

  it('hands back what does not finish in time', async () => {
    using folder = useFolder()
    await using vendor = await startVendor(hang)
    await using hub = await startScriptedHub()
    await using agent = startBusy(folder, hub.url, vendor.url, '100')
    const side = await hub.online()
    side.task('t1', 'hi')
    await vendor.arrivals.next()
    agent.signal('SIGTERM')
    expect(await side.until('task-error')).toMatchObject({
      requestId: 't1',
      code: 'agent_disconnected',
      retryable: true,
    })
    expect(await agent.exited).toBe(0)
  })

  it('ends the process at once when it is the second', async () => {
    using folder = useFolder()
    await using vendor = await startVendor(hang)
    await using hub = await startScriptedHub()
    await using agent = startBusy(folder, hub.url, vendor.url, '60000')
    const side = await hub.online()
    side.task('t1', 'hi')
    await vendor.arrivals.next()
    agent.signal('SIGTERM')
    await agent.logged('draining')
    agent.signal('SIGTERM')
    expect(await agent.exited).toBe(143)
  })
})

describe('an end that a person must look at', () => {
  it('does not wait for work whose answer nobody takes', async () => {
    using folder = useFolder()
    await using vendor = await startVendor(hang)
    await using hub = await startScriptedHub()
    await using agent = startBusy(folder, hub.url, vendor.url, '60000')
    const side = await hub.online()
    side.task('t1', 'hi')
    await vendor.arrivals.next()
    side.close(4009)
    expect(await agent.exited).toBe(1)
  })

  it.each([
    [4003, 'AGENT_HUB_SECRET'],
    [4009, 'DATA_DIR'],
  ])('at close code %d exits 1 with a sentence that names %s', async (code, variable) => {
    using folder = useFolder()
    await using hub = await startScriptedHub()
    await using agent = startAgentProcess(folder, { AGENT_NAME: 'Atlas', AGENT_HUB_URL: hub.url })
    const side = await hub.online()
    side.close(code)
    expect(await agent.exited).toBe(1)
    expect(agent.stderr).toContain(variable)
    expect(agent.stderr).toContain(String(code))
  })

  it.each([
    ['no hub', {}, 'AGENT_HUB_URL is missing'],
    [
      'a wrong number',
      { AGENT_HUB_URL: 'ws://x', HEALTH_PORT: '99999' },
      'HEALTH_PORT must be a whole number from 0 to 65535',
    ],
    ['no key', { AGENT_HUB_URL: 'ws://x', AI_PROVIDER: 'anthropic' }, 'ANTHROPIC_API_KEY is missing'],
    [
      'a platform that there is not',
      { AGENT_HUB_URL: 'ws://x', PLATFORM: 'telegram' },
      'PLATFORM must be one of none, console, whatsapp',
    ],
  ] as [string, Record<string, string>, string][])('with %s exits 1 within 2 s', async (_what, env, sentence) => {
    using folder = useFolder()
    const startedAt = performance.now()
    await using agent = startAgentProcess(folder, env)
    expect(await agent.exited).toBe(1)
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    expect(agent.stderr).toContain(sentence)
  })

  it('with a taken port or a torn instance id exits 1 with one sentence', async () => {
    using folder = useFolder()
    await using hub = await startScriptedHub()
    const base = { AGENT_NAME: 'Atlas', AGENT_HUB_URL: hub.url }
    await using taken = startAgentProcess(folder, { ...base, HEALTH_PORT: String(hub.port) })
    expect(await taken.exited).toBe(1)
    expect(taken.stderr).toBe(
      `HEALTH_PORT ${hub.port} is taken on 127.0.0.1; set another one, or 0 for any free one.\n`,
    )
    mkdirSync(join(folder.path, 'torn'))
    writeFileSync(join(folder.path, 'torn', 'instance-id'), '0198')
    await using torn = startAgentProcess(folder, { ...base, DATA_DIR: 'torn' })
    expect(await torn.exited).toBe(1)
    expect(torn.stderr).toMatch(/^torn\/instance-id holds no instance id; delete it .*\.\n$/)
  })
})

describe('the variables', () => {
  it('come from the file that is named, and what is set for the process wins', async () => {
    using folder = useFolder()
    await using hub = await startScriptedHub()
    writeFileSync(join(folder.path, '.env.atlas'), `AGENT_NAME=Atlas\nAGENT_WORKSPACE=file\nAGENT_HUB_URL=${hub.url}\n`)
    await using _agent = startAgentProcess(folder, { AGENT_WORKSPACE: 'own' }, ['--env-file', '.env.atlas'])
    expect(await (await hub.connection()).next()).toMatchObject({ name: 'Atlas', workspace: 'own' })
  })

  it('come from .env when nothing else is said', async () => {
    using folder = useFolder()
    await using hub = await startScriptedHub()
    writeFileSync(join(folder.path, '.env'), `AGENT_NAME=Nova\nAGENT_HUB_URL=${hub.url}\nHUB_SECRET=x\nAGENT_SKILS=a\n`)
    await using agent = startAgentProcess(folder, {})
    expect(await (await hub.connection()).next()).toMatchObject({ name: 'Nova' })
    expect(agent.stderr).toBe('Warning: AGENT_SKILS is not a known variable; did you mean AGENT_SKILLS?\n')
  })

  it('cannot come from a file that is not there', async () => {
    using folder = useFolder()
    await using agent = startAgentProcess(folder, {}, ['--env-file', 'nowhere'])
    expect(await agent.exited).toBe(1)
    expect(agent.stderr).toBe('The file nowhere cannot be read (ENOENT).\n')
  })
})

describe('the command line', () => {
  it('explains itself', async () => {
    using folder = useFolder()
    await using agent = startAgentProcess(folder, {}, ['--help'])
    expect(await agent.exited).toBe(0)
    expect(agent.stdout).toContain('--env-file FILE')
  })

  it('says what it does not know', async () => {
    using folder = useFolder()
    await using agent = startAgentProcess(folder, {}, ['--envfile=x'])
    expect(await agent.exited).toBe(1)
    expect(agent.stderr).toMatch(/--envfile.*--help/)
  })
})
