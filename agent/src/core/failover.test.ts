import { describe, expect, it } from 'vitest'
import { FakeClock, settle } from '../test-support/fake-clock.ts'
import type { AgentEvent, ProviderErrorKind } from './events.ts'
import { createFailover } from './failover.ts'
import { ProviderError, TaskError } from './failures.ts'
import type { Completion, CompletionOptions, Provider, TaskInput } from './ports.ts'

type Script = ProviderErrorKind | ProviderError | string | ((options: CompletionOptions) => Promise<Completion>)

const toProvider = (name: string, script: Script[], asked: string[]): Provider => ({
  name,
  model: `${name}-1`,
  complete: async (_prompt, options) => {
    asked.push(name)
    const step = script.shift() ?? 'overload'
    if (typeof step === 'function') return step(options)
    if (step instanceof ProviderError) throw step
    if (step.startsWith('say ')) return { text: step.slice(4), cutShort: false }
    throw new ProviderError(step as ProviderErrorKind)
  },
})

const setUp = (scripts: Record<string, Script[]>) => {
  const clock = new FakeClock()
  const asked: string[] = []
  const events: AgentEvent[] = []
  const seen: string[] = []
  const notes: (string | undefined)[] = []
  const abort = new AbortController()
  const perform = createFailover({
    providers: Object.entries(scripts).map(([name, script]) => toProvider(name, script, asked)),
    system: 'You are Atlas.',
    clock,
    observe: (event) => events.push(event),
  })
  const task: TaskInput = {
    requestId: 't1',
    message: 'hi',
    sender: 'bot',
    deadlineAt: clock.now() + 100_000,
    attempt: 1,
  }
  const tools = {
    signal: abort.signal,
    delta: (text: string) => seen.push(text),
    progress: ({ message }: { message?: string }) => notes.push(message),
  }
  const ask = (more: Partial<TaskInput> = {}) => perform({ ...task, ...more }, tools)
  return { clock, asked, events, seen, notes, abort, ask }
}

describe('the chain of providers', () => {
  it('asks the first and nobody else when it answers', async () => {
    const { asked, ask } = setUp({ one: ['say hello'], two: ['say no'] })
    expect(await ask()).toBe('hello')
    expect(asked).toEqual(['one'])
  })

  it.each(['auth', 'rate-limit', 'timeout', 'context', 'truncated'] as const)(
    'asks the next one at once after %s',
    async (kind) => {
      const { asked, ask } = setUp({ one: [kind], two: ['say hello'] })
      expect(await ask()).toBe('hello')
      expect(asked).toEqual(['one', 'two'])
    },
  )

  it.each(['overload', 'network'] as const)('asks the same one once more after %s, then the next', async (kind) => {
    const { clock, asked, ask } = setUp({ one: [kind, kind], two: ['say hello'] })
    const answer = ask()
    await settle()
    expect(asked).toEqual(['one'])
    clock.pass(500)
    expect(await answer).toBe('hello')
    expect(asked).toEqual(['one', 'one', 'two'])
  })

  it.each(['policy', 'invalid', 'canceled'] as const)('asks nobody else after %s', async (kind) => {
    const { asked, ask } = setUp({ one: [kind], two: ['say hello'] })
    await expect(ask()).rejects.toBeInstanceOf(TaskError)
    expect(asked).toEqual(['one'])
  })

  it('does not wait longer than a moment for a vendor that asks for it', async () => {
    const { asked, ask } = setUp({ one: [new ProviderError('overload', { retryAfterMs: 60_000 })], two: ['say hello'] })
    expect(await ask()).toBe('hello')
    expect(asked).toEqual(['one', 'two'])
  })

  it('does not try again when the deadline would be past by then', async () => {
    const { clock, asked, ask } = setUp({ one: ['network'] })
    await expect(ask({ deadlineAt: clock.now() + 400 })).rejects.toBeInstanceOf(TaskError)
    expect(asked).toEqual(['one'])
  })

  it('ends with a sentence that names each provider and its reason, and whether to try again', async () => {
    const { ask } = setUp({ one: ['auth'], two: ['rate-limit'] })
    await expect(ask()).rejects.toMatchObject({
      message:
        'No AI provider could answer (one: its key, account or model was refused; two: its rate limit is reached).',
      code: 'agent_error',
      retryable: true,
    })
    const lost = setUp({ one: ['auth'], two: ['policy'] })
    await expect(lost.ask()).rejects.toMatchObject({ retryable: false })
  })

  it('says when an answer was cut at the configured length', async () => {
    const { ask } = setUp({ one: [async () => ({ text: 'Half of', cutShort: true })] })
    expect(await ask()).toBe('Half of\n\n[Cut off here: one reached its configured length limit.]')
  })

  it('stops when the task is given up while it waits to try again', async () => {
    const { abort, asked, clock, ask } = setUp({ one: ['network'], two: ['say hello'] })
    const answer = ask()
    await settle()
    abort.abort()
    await expect(answer).rejects.toBeInstanceOf(TaskError)
    expect(asked).toEqual(['one'])
    expect(clock.alarms).toBe(0)
  })

  it('tells every attempt with what it cost', async () => {
    const usage = { inputTokens: 3, outputTokens: 5 }
    const { events, ask } = setUp({ one: ['auth'], two: [async () => ({ text: 'ok', cutShort: false, usage })] })
    await ask()
    expect(events).toMatchObject([
      { type: 'provider.failed', provider: 'one', model: 'one-1', kind: 'auth', taskId: 't1' },
      { type: 'provider.resting', provider: 'one', model: 'one-1', why: 'auth' },
      { type: 'provider.answered', provider: 'two', usage },
    ])
  })

  it('lets a bug through as it is', async () => {
    const { ask } = setUp({ one: [() => Promise.reject(new TypeError('x is not a function'))], two: ['say hello'] })
    await expect(ask()).rejects.toBeInstanceOf(TypeError)
  })
})
