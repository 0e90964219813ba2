import { describe, expect, it } from 'vitest'
import type { HealthView } from './adapters/health/health-server.ts'
import { type AgentProcess, startAgentProcess } from './test-support/agent-process.ts'
import { useFolder } from './test-support/folder.ts'
import { type HubSide, startScriptedHub } from './test-support/scripted-hub.ts'
import { anthropicWire } from './test-support/vendor-anthropic.ts'
import { after, answer } from './test-support/vendor-faults.ts'
import { openAiWire } from './test-support/vendor-openai.ts'
import { refuse, startVendor, type VendorScript } from './test-support/vendor-server.ts'

/** What an answer of the servers costs, in tokens. */
const ANSWER_TOKENS = 9

const startStage = async (script: VendorScript) => {
  const folder = useFolder()
  const first = await startVendor(script)
  const second = await startVendor(answer(anthropicWire, ['The whole', ' answer']))
  const hub = await startScriptedHub()
  return {
    first,
    second,
    hub,
    startAgent: (more: Record<string, string> = {}) =>
      startAgentProcess(folder, {
        AGENT_NAME: 'Atlas',
        AGENT_HUB_URL: hub.url,
        AI_PROVIDER: 'openai',
        AI_FALLBACK_PROVIDERS: 'anthropic',
        OPENAI_API_KEY: 'sk-test-one',
        OPENAI_BASE_URL: first.url,
        ANTHROPIC_API_KEY: 'sk-test-two',
        ANTHROPIC_BASE_URL: second.url,
        DATA_DIR: 'mine',
        ...more,
      }),
    [Symbol.asyncDispose]: async () => {
      await hub[Symbol.asyncDispose]()
      await first[Symbol.asyncDispose]()
      await second[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

const readHealth = async (agent: AgentProcess): Promise<HealthView> => {
  const { healthPort } = await agent.logged('starting')
  return JSON.parse(await (await fetch(`http://127.0.0.1:${healthPort}/health`)).text())
}

const perform = (side: HubSide, requestId: string) => {
  side.task(requestId, 'a private word')
  return side.until('task-response')
}

describe('an agent with two providers', () => {
  it('gives the second one’s answer when the server of the first is killed in the middle of its stream', async () => {
    // short pieces are kept until it is known what they become
    const half = 'Half of an answer that is long enough'
    await using stage = await startStage(after(openAiWire, [half], () => {}))
    await using agent = stage.startAgent()
    const side = await stage.hub.online()
    side.task('t1', 'a private word')
    expect(half.startsWith((await side.until('task-delta')).text)).toBe(true)
    await stage.first[Symbol.asyncDispose]()
    expect(await side.until('task-response')).toMatchObject({ requestId: 't1', response: 'The whole answer' })
    const pieces = side.all.flatMap((frame) => (frame.type === 'task-delta' ? [frame.text] : []))
    expect(pieces.join('')).toBe(
      `${half}\n\n[The answer of openai broke off here; anthropic begins anew.]\n\nThe whole answer`,
    )
    expect(side.all.filter((frame) => frame.type === 'task-response')).toHaveLength(1)
    expect(await agent.logged('the provider answered')).toMatchObject({ provider: 'anthropic', taskId: 't1' })
    expect(agent.stdout + agent.stderr).not.toMatch(/sk-test|a private word/)
  })

  it('shows in its health who rests until when, and what the day has cost', async () => {
    await using stage = await startStage(
      refuse(429, { error: { message: 'no', code: 'rate_limit_exceeded' } }, { 'retry-after': '3600' }),
    )
    await using agent = stage.startAgent({
      AI_BUDGET_TOKENS_PER_DAY: '1000',
      AI_PRICES: '{"anthropic":{"in":3,"out":15}}',
    })
    await perform(await stage.hub.online(), 't1')
    const health = await readHealth(agent)
    expect(health).toMatchObject({
      status: 'ok',
      providers: [expect.stringMatching(/^openai\//), expect.stringMatching(/^anthropic\//)],
      chain: [
        {
          provider: 'openai',
          state: 'resting',
          why: 'rate-limit',
          lastFailure: { kind: 'rate-limit' },
          answered: 0,
          failed: { 'rate-limit': 1 },
          tokensToday: { in: 0, out: 0 },
        },
        { provider: 'anthropic', state: 'awake', answered: 1, tokensToday: { in: 7, out: 2 }, costToday: 0.000_051 },
      ],
      tokensToday: ANSWER_TOKENS,
      budget: { tokensPerDay: 1_000, tokensLeft: 1_000 - ANSWER_TOKENS },
    })
    const [{ until = '', lastFailure } = {}] = health.chain
    const restMs = Date.parse(until) - Date.parse(lastFailure?.at ?? '')
    expect(restMs).toBeGreaterThanOrEqual(3_600_000)
    expect(restMs).toBeLessThanOrEqual(3_960_000)
  })

  it('stops at its budget with one sentence, and a restart does not give it a new one', async () => {
    await using stage = await startStage(answer(openAiWire))
    const env = { AI_BUDGET_TOKENS_PER_DAY: String(ANSWER_TOKENS) }
    await using killed = stage.startAgent(env)
    const before = await stage.hub.online()
    await perform(before, 't1')
    killed.signal('SIGKILL')
    await killed.exited

    await using agent = stage.startAgent(env)
    const side = await stage.hub.online()
    for (const id of ['t2', 't3']) {
      side.task(id, 'hi')
      expect(await side.until('task-error')).toMatchObject({
        requestId: id,
        code: 'budget_spent',
        error: 'This agent has used up its 9 tokens for today; it answers again from 00:00 UTC.',
      })
    }
    expect(stage.first.requests).toHaveLength(1)
    expect(stage.second.requests).toHaveLength(0)
    expect(agent.stdout.match(/the tokens of today are spent/g)).toHaveLength(1)
    expect(await readHealth(agent)).toMatchObject({ status: 'degraded', ready: true, budget: { tokensLeft: 0 } })
  })
})
