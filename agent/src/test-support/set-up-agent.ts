import { Agent } from '../core/agent.ts'
import type { AgentParts } from '../core/agent-parts.ts'
import type { AgentEvent } from '../core/events.ts'
import type { TaskInput, TaskTools } from '../core/ports.ts'
import { FakeClock, settle } from './fake-clock.ts'
import { FakeLink } from './fake-link.ts'

/** Work that the agent has begun, for the test to end. */
export interface Work {
  readonly task: TaskInput
  readonly tools: TaskTools
  readonly finish: (answer: string) => Promise<void>
  readonly fail: (error: unknown) => Promise<void>
}

/** An agent whose link, clock and work the test has in its hands. */
export const setUpAgent = (more: Partial<AgentParts> = {}) => {
  const clock = more.clock instanceof FakeClock ? more.clock : new FakeClock()
  const link = new FakeLink()
  const events: AgentEvent[] = []
  const works: Work[] = []
  const agent = new Agent({
    link,
    clock,
    observe: (event) => events.push(event),
    maxConcurrency: 2,
    workMsMax: 170_000,
    perform: (task, tools) =>
      new Promise((resolve, reject) => {
        works.push({
          task,
          tools,
          finish: (answer) => {
            resolve(answer)
            return settle()
          },
          fail: (error) => {
            reject(error)
            return settle()
          },
        })
      }),
    ...more,
  })
  const send = async (requestId: string, frame: object = {}) => {
    agent.performTask({ type: 'task', requestId, message: `do ${requestId}`, sender: 'bot', ...frame })
    await settle()
  }
  const work = (index: number): Work => {
    const found = works[index]
    if (!found) throw new Error(`Work ${index} has not begun`)
    return found
  }
  const inMs = (ms: number) => new Date(clock.now() + ms).toISOString()
  return { agent, clock, link, events, works, work, send, inMs }
}
