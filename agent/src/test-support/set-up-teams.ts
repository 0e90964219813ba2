import type { HubCalls } from '../core/hub-calls.ts'
import type { Chat } from '../core/message.ts'
import type { Ask, Frame } from '../core/team/ask.ts'
import type { TeamEvent } from '../core/team/events.ts'
import { MemoryTeamStore } from '../core/team/memory-team-store.ts'
import type { TeamTimes } from '../core/team/team-parts.ts'
import type { TeamStore } from '../core/team/team-store.ts'
import { Teams } from '../core/team/teams.ts'
import { FakeClock, settle } from './fake-clock.ts'
import { ModelHub, type ModelScript, resultOf, type Work } from './model-hub.ts'

/** A chat with one person. */
export const CHAT: Chat = { id: 'console', isGroup: false }
/** Who asks. */
export const PERSON = 'anna'

/** A frame that a test reads back. */
export const plainFrame: Frame = (kind, from, text) => `[${kind} ${from}]\n${text}\n[end]`

/** Three agents, two of whom can research. */
export const THREE = [
  { name: 'atlas', skills: ['research', 'writing'] },
  { name: 'nova', skills: ['research'] },
  { name: 'bolt', skills: ['coding'] },
]

/** What a test may decide about its teams. */
export interface TeamsOptions {
  readonly agents?: ModelScript['agents']
  readonly work?: (agent: string) => Work
  readonly trouble?: ModelScript['trouble']
  /** Answers of the model, one after the other; an error is thrown. */
  readonly answers?: readonly (string | Error)[]
  readonly hasModel?: boolean
  readonly store?: TeamStore
  readonly times?: Partial<TeamTimes>
  readonly hub?: (model: ModelHub) => HubCalls
}

/** What the agent of a step of the first run answers. */
export const resultText = (step: string, tryNumber = 1): string => resultOf(`team-r1-${step}-${tryNumber}`)

/** A plan as a model writes it. */
export const writePlan = (steps: readonly object[]): string => JSON.stringify({ steps })

/** Teams with a model of the hub, a scripted model, and a clock that the test moves. */
export const setUpTeams = (options: TeamsOptions = {}) => {
  const { agents = THREE, work = () => ({ afterMs: 100, does: 'answer' }), trouble = () => 'none' } = options
  const clock = new FakeClock()
  const hub = new ModelHub(clock, { agents, work: (_task, agent) => work(agent), trouble })
  const store = options.store ?? new MemoryTeamStore()
  const said: string[] = []
  const shown: string[] = []
  const asked: { readonly system: string; readonly text: string }[] = []
  const events: TeamEvent[] = []
  const answers = [...(options.answers ?? [])]
  const ask: Ask = async (prompt) => {
    asked.push(prompt)
    const answer = answers.shift()
    if (typeof answer === 'string') return answer
    throw answer ?? new Error('no model')
  }
  let ids = 0
  const build = () =>
    new Teams({
      self: 'me',
      hub: options.hub?.(hub) ?? hub,
      ask,
      hasModel: () => options.hasModel ?? true,
      frame: plainFrame,
      store,
      clock,
      random: () => 0.5,
      newId: () => `r${++ids}`,
      say: (_chat, text) => void said.push(text),
      progress: (_chat, text) => void shown.push(text),
      observe: (event) => void events.push(event),
      ...(options.times === undefined ? {} : { times: options.times }),
    })
  const teams = build()
  /** Lets time pass until a promise has settled; every alarm rings at its own time. */
  const until = async <Value>(work: Promise<Value>, msMax = 20_000_000): Promise<Value> => {
    const end = clock.now() + msMax
    let isOver = false
    const over = () => {
      isOver = true
    }
    work.then(over, over)
    await settle()
    while (!isOver && clock.now() < end && clock.alarms > 0) {
      clock.pass(50)
      await settle()
    }
    if (!isOver) throw new Error('It did not end')
    return work
  }
  const order = (text: string) => teams.start({ chat: CHAT, person: PERSON, text })
  return { clock, hub, store, teams, build, said, shown, asked, events, order, until }
}
