import { describe, expect, it } from 'vitest'
import { type AgentOptions, createAgent, StartError, TaskError } from './index.ts'
import { useFolder } from './test-support/folder.ts'
import { startScriptedHub } from './test-support/scripted-hub.ts'
import { QUICK } from './test-support/start-link.ts'

const options = (hubUrl: string, more: Partial<AgentOptions> = {}): AgentOptions => ({
  name: 'Nova',
  skills: ['upper'],
  hubUrl,
  onTask: ({ message }) => message.toUpperCase(),
  linkBounds: QUICK,
  ...more,
})

describe("an agent of someone's own", () => {
  it('comes online and answers with what its function returns', async () => {
    await using hub = await startScriptedHub()
    await using agent = createAgent(options(hub.url, { hubSecret: 's3' }))
    const started = agent.start()
    const side = await hub.connection()
    expect(await side.next()).toMatchObject({ name: 'Nova', skills: ['upper'], secret: 's3', protocol: 2 })
    side.welcome()
    await started
    expect(agent.state).toBe('online')
    side.task('t1', 'hello')
    expect(await side.until('task-response')).toEqual({ type: 'task-response', requestId: 't1', response: 'HELLO' })
  })

  it('gives its function the task, a deadline, pieces and progress', async () => {
    await using hub = await startScriptedHub()
    const deadline = new Date(Date.now() + 60_000)
    await using agent = createAgent(
      options(hub.url, {
        onTask: async (task) => {
          task.delta('Hel')
          task.delta('lo')
          task.progress({ message: 'half', percent: 50 })
          return `${task.sender} ${task.requestId} ${task.deadline.toISOString()} ${task.signal.aborted}`
        },
      }),
    )
    const started = agent.start()
    const side = await hub.online()
    await started
    side.task('t1', 'hello', { deadline: deadline.toISOString() })
    const answer = await side.until('task-response')
    expect(answer.response).toBe(`tester t1 ${deadline.toISOString()} false`)
    expect(side.all.slice(1)).toEqual([
      { type: 'task-accepted', requestId: 't1' },
      { type: 'task-delta', requestId: 't1', seq: 0, text: 'Hel' },
      { type: 'task-progress', requestId: 't1', message: 'half', percent: 50 },
      { type: 'task-delta', requestId: 't1', seq: 1, text: 'lo' },
      answer,
    ])
  })

  it('tells the asker a TaskError, and any other error only its owner', async () => {
    await using hub = await startScriptedHub()
    const broken: unknown[] = []
    await using agent = createAgent(
      options(hub.url, {
        onTask: ({ message }) => {
          throw message === 'polite' ? new TaskError('Not today.', { code: 'rejected' }) : new Error('inner secret')
        },
        onEvent: (event) => {
          if (event.type === 'task.broken') broken.push(event.err)
        },
      }),
    )
    const started = agent.start()
    const side = await hub.online()
    await started
    side.task('t1', 'polite')
    expect(await side.until('task-error')).toMatchObject({ error: 'Not today.', code: 'rejected', retryable: false })
    side.task('t2', 'rude')
    const failure = await side.until('task-error')
    expect(failure).toMatchObject({ requestId: 't2', code: 'internal' })
    expect(JSON.stringify(failure)).not.toContain('inner secret')
    expect(broken).toEqual([new Error('inner secret')])
  })

  it('aborts its work when the task is canceled', async () => {
    await using hub = await startScriptedHub()
    const aborted = Promise.withResolvers<void>()
    await using agent = createAgent(
      options(hub.url, {
        onTask: ({ signal }) =>
          new Promise(() => {
            signal.addEventListener('abort', () => aborted.resolve())
          }),
      }),
    )
    const started = agent.start()
    const side = await hub.online()
    await started
    side.task('t1', 'hello')
    await side.until('task-accepted')
    side.send({ type: 'task-cancel', requestId: 't1', reason: 'caller gone' })
    await aborted.promise
  })

  it('answers over the new link what it finished while the old one was lost, and works on it once', async () => {
    await using hub = await startScriptedHub()
    const release = Promise.withResolvers<void>()
    let works = 0
    await using agent = createAgent(
      options(hub.url, {
        onTask: async () => {
          works += 1
          await release.promise
          return 'once'
        },
      }),
    )
    const started = agent.start()
    const first = await hub.online()
    await started
    first.task('t1', 'hello')
    await first.until('task-accepted')
    first.cut()
    const second = await hub.online()
    second.task('t1', 'hello')
    expect(await second.next()).toEqual({ type: 'task-accepted', requestId: 't1' })
    release.resolve()
    expect(await second.next()).toEqual({ type: 'task-response', requestId: 't1', response: 'once' })
    second.task('t1', 'hello', { attempt: 2 })
    expect(await second.next()).toEqual({ type: 'task-response', requestId: 't1', response: 'once' })
    expect(works).toBe(1)
  })

  it('lets work finish when it stops, and says goodbye', async () => {
    await using hub = await startScriptedHub()
    const release = Promise.withResolvers<void>()
    const agent = createAgent(
      options(hub.url, {
        onTask: async () => {
          await release.promise
          return 'done'
        },
      }),
    )
    const started = agent.start()
    const side = await hub.online()
    await started
    side.task('t1', 'hello')
    await side.until('task-accepted')
    const stopped = Promise.all([agent.stop(), agent.stop()])
    release.resolve()
    expect(await side.until('task-response')).toMatchObject({ response: 'done' })
    expect(await side.closed).toMatchObject({ code: 1000 })
    await stopped
    expect(await agent.ended).toMatchObject({ byOwner: true })
  })

  it('does not start where the hub refuses it for good', async () => {
    await using hub = await startScriptedHub()
    await using agent = createAgent(options(hub.url))
    const started = agent.start()
    const side = await hub.connection()
    side.close(4003)
    await expect(started).rejects.toThrow(/refused the secret/)
  })

  it('is the same instance again only with a folder of its own', async () => {
    using folder = useFolder()
    await using hub = await startScriptedHub()
    const register = async (more: Partial<AgentOptions>) => {
      await using agent = createAgent(options(hub.url, more))
      const started = agent.start()
      const side = await hub.connection()
      const { instanceId } = await side.until('register')
      side.welcome()
      await started
      return instanceId
    }
    expect(await register({ dataDir: folder.path })).toBe(await register({ dataDir: folder.path }))
    expect(await register({})).not.toBe(await register({}))
  })

  it('knows after a restart how its tasks ended, where it has a folder', async () => {
    using folder = useFolder()
    await using hub = await startScriptedHub()
    let works = 0
    for (let life = 0; life < 2; life++) {
      await using agent = createAgent(options(hub.url, { dataDir: folder.path, onTask: () => `work ${++works}` }))
      const started = agent.start()
      const side = await hub.online()
      await started
      side.task('t1', 'hello', { attempt: life + 1 })
      expect(await side.until('task-response')).toMatchObject({ response: 'work 1' })
    }
    expect(works).toBe(1)
  })

  it('has its folder for itself, until it stops or cannot start', async () => {
    using folder = useFolder()
    await using hub = await startScriptedHub()
    const make = (more: Partial<AgentOptions> = {}) => createAgent(options(hub.url, { dataDir: folder.path, ...more }))
    expect(() => make({ maxConcurrency: 0 })).toThrow('maxConcurrency')
    const refused = make()
    expect(() => make()).toThrow(/is in use by another agent/)
    const started = refused.start()
    const side = await hub.connection()
    side.close(4003)
    await expect(started).rejects.toThrow(/refused the secret/)
    await using next = make()
    await next.stop()
    await expect(next.start()).rejects.toThrow('The agent was stopped.')
  })

  it('says at once what cannot be right', () => {
    const make = (more: Partial<AgentOptions>) => () => createAgent(options('ws://localhost', more))
    expect(make({ name: '-' })).toThrow(StartError)
    expect(make({ hubUrl: 'ftp://x' })).toThrow('hubUrl must be an http, https, ws or wss URL')
    expect(make({ maxConcurrency: 0 })).toThrow('maxConcurrency must be')
  })
})
