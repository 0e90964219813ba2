import { describe, expect, it } from 'vitest'
import { startAgentProcess } from './test-support/agent-process.ts'
import { startScriptedHub } from './test-support/scripted-hub.ts'

describe('the agent as a process', () => {
  it('registers, answers a task, drains at SIGTERM and exits 0', async () => {
    await using hub = await startScriptedHub()
    await using agent = startAgentProcess({ AGENT_NAME: 'Atlas', AGENT_HUB_URL: hub.url, AGENT_SKILLS: 'echo, talk' })
    const side = await hub.connection()
    expect(await side.next()).toMatchObject({ name: 'Atlas', skills: ['echo', 'talk'], protocol: 2, maxConcurrency: 4 })
    side.welcome()
    side.task('t1', 'hello')
    expect(await side.next()).toEqual({ type: 'task-accepted', requestId: 't1' })
    expect(await side.until('task-response')).toMatchObject({
      requestId: 't1',
      response: expect.stringContaining('hello'),
    })
    agent.signal('SIGTERM')
    expect(await side.closed).toMatchObject({ code: 1000 })
    expect(await agent.exited).toBe(0)
  })
})
