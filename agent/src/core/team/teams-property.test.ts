import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeClock, settle } from '../../test-support/fake-clock.ts'
import { ModelHub, resultOf, type Trouble, type Work } from '../../test-support/model-hub.ts'
import { type Death, Mortal } from '../../test-support/mortal-teams.ts'
import { CHAT, PERSON, plainFrame, writePlan } from '../../test-support/set-up-teams.ts'
import { MemoryTeamStore } from './memory-team-store.ts'
import { PLAN_SYSTEM } from './propose.ts'
import type { TeamParts } from './team-parts.ts'
import type { Teams } from './teams.ts'

const AGENTS = [
  { name: 'atlas', skills: ['one', 'two'] },
  { name: 'nova', skills: ['one'] },
  { name: 'bolt', skills: ['two'] },
  { name: 'dora', skills: ['three'] },
]

interface Step {
  readonly id: string
  readonly agent: string
  readonly after: readonly string[]
}

interface Story {
  readonly steps: readonly Step[]
  readonly works: readonly Work[]
  readonly troubles: readonly Trouble[]
  readonly deaths: readonly Death[]
  readonly stopAfter: number | undefined
}

const stepsArbitrary: fc.Arbitrary<readonly Step[]> = fc
  .array(fc.record({ agent: fc.nat(AGENTS.length - 1), needs: fc.array(fc.nat(20), { maxLength: 3 }) }), {
    minLength: 1,
    maxLength: 7,
  })
  .map((drafts) =>
    drafts.map(({ agent, needs }, at) => ({
      id: `${at + 1}`,
      agent: AGENTS[agent]?.name ?? '',
      after: at === 0 ? [] : [...new Set(needs.map((need) => `${(need % at) + 1}`))],
    })),
  )

const story: fc.Arbitrary<Story> = fc.record({
  steps: stepsArbitrary,
  works: fc.array(
    fc.record({
      afterMs: fc.constantFrom(0, 10, 500, 1_900, 60_000),
      does: fc.constantFrom('answer', 'answer', 'answer', 'fail', 'hang'),
    }),
    { minLength: 1, maxLength: 8 },
  ),
  troubles: fc.array(fc.constantFrom('none', 'none', 'lost-there', 'lost-back'), { minLength: 1, maxLength: 8 }),
  deaths: fc.array(fc.record({ atCall: fc.integer({ min: 1, max: 40 }), isBefore: fc.boolean() }), { maxLength: 3 }),
  stopAfter: fc.option(fc.nat(60), { nil: undefined }),
})

/** The same number for the same text. */
const toNumber = (text: string): number => [...text].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 9_973, 7)

/** A world in which a story happens: it outlives every process. */
const setUpWorld = ({ steps, works, troubles }: Story) => {
  const clock = new FakeClock()
  const calls = new Map<string, number>()
  const hub = new ModelHub(clock, {
    agents: AGENTS,
    work: ({ idempotencyKey }) => works[toNumber(idempotencyKey) % works.length] ?? { afterMs: 0, does: 'answer' },
    trouble: (call) => {
      const count = calls.get(call) ?? 0
      calls.set(call, count + 1)
      // a line that never holds is another story: a task that cannot be canceled ends by its own timeout
      return count > 1 ? 'none' : (troubles[(toNumber(call) + count) % troubles.length] ?? 'none')
    },
  })
  const said: { readonly key: string; readonly text: string }[] = []
  let ids = 0
  const parts: TeamParts = {
    self: 'me',
    hub,
    store: new MemoryTeamStore(),
    clock,
    ask: async ({ system }) => {
      if (system !== PLAN_SYSTEM) throw new Error('no report')
      return writePlan(steps.map((step) => ({ ...step, task: `do ${step.id}` })))
    },
    hasModel: () => true,
    frame: plainFrame,
    random: () => 0.5,
    newId: () => `r${++ids}`,
    say: (_chat, text, key) => void said.push({ key, text }),
    progress: () => {},
    observe: (event) => {
      if (event.type === 'team.broken') throw event.err
    },
    times: { stepMs: 2_000, runMs: 60_000 },
  }
  return { clock, hub, said, parts }
}

type World = ReturnType<typeof setUpWorld>

/** Runs one process until its work is over or it dies, and tells which. */
const live = async (
  { clock }: World,
  mortal: Mortal,
  begin: () => Promise<void>,
  onTick: () => void,
): Promise<boolean> => {
  let isOver = false
  let failure: unknown
  begin().then(
    () => {
      isOver = true
    },
    (error: unknown) => {
      failure = error
    },
  )
  for (let ticks = 0; ticks < 5_000; ticks++) {
    await settle()
    if (mortal.isDead) return false
    if (failure !== undefined) throw failure
    if (isOver) return true
    onTick()
    clock.pass(100)
  }
  throw new Error('It did not end')
}

/** Tells a story to its end. */
const tell = async (world: World, { deaths, stopAfter }: Story): Promise<void> => {
  let ticks = 0
  for (const death of [...deaths, undefined]) {
    const mortal = new Mortal(death)
    const teams: Teams = mortal.build(world.parts)
    // an order that was not written down before the process died is its inbox's to repeat
    const isNew = world.parts.store.list().length === 0
    if (isNew && world.said.some(({ key }) => key.endsWith('report'))) return
    const begin = () => (isNew ? teams.start({ chat: CHAT, person: PERSON, text: 'Look into it' }) : teams.resume())
    const onTick = () => {
      if (ticks++ !== stopAfter || teams.chats.length === 0) return
      // the process may die of this very call
      teams.stop(CHAT).catch(() => undefined)
    }
    if (await live(world, mortal, begin, onTick)) break
  }
}

const checkSteps = ({ hub, said }: World, { steps }: Story): void => {
  const tasks = [...hub.tasks.values()]
  // an order that died before it was written down has handed out nothing, so one run has all tasks
  const runs = new Set(tasks.map(({ key }) => key.split('-')[1]))
  expect(runs.size).toBeLessThan(2)
  expect(hub.conflicts).toBe(0)
  const report = said.findLast(({ key }) => key.endsWith('report'))?.text ?? ''
  for (const { id, after } of sortedIds(steps)) {
    const tries = tasks.filter(({ key }) => key.split('-')[2] === id)
    expect(new Set(tries.map(({ agent }) => agent)).size).toBe(tries.length)
    expect(tries.length).toBeLessThanOrEqual(2)
    for (const { begunAt, message } of tries) {
      for (const need of after) {
        const needed = tasks.find(({ key, view }) => key.split('-')[2] === need && view.state === 'completed')
        expect(needed?.endedAt).toBeLessThan(begunAt)
        expect(message).toContain(resultOf(needed?.key ?? ''))
      }
    }
    const done = tries.find(({ view }) => view.state === 'completed')
    if (done) expect(report).toContain(resultOf(done.key))
    else expect(report).toContain(`${id}. Not done: `)
  }
}

/** The steps as the plan numbers them: each behind those that it needs, in rounds. */
const sortedIds = (steps: readonly Step[]): { readonly id: string; readonly after: readonly string[] }[] => {
  const sorted: Step[] = []
  while (sorted.length < steps.length) {
    const known = new Set(sorted.map(({ id }) => id))
    sorted.push(...steps.filter(({ id, after }) => !known.has(id) && after.every((each) => known.has(each))))
  }
  const numbers = new Map(sorted.map(({ id }, at) => [id, `${at + 1}`]))
  return sorted.map(({ id, after }) => ({
    id: numbers.get(id) ?? '',
    after: after.map((each) => numbers.get(each) ?? ''),
  }))
}

describe('whatever befalls a team', () => {
  it('every try is made once, in its order, and the end is told, over failures, slowness and kills at any call', async () => {
    await fc.assert(
      fc.asyncProperty(story, async (given) => {
        const world = setUpWorld(given)
        await tell(world, given)
        expect(world.parts.store.list()).toEqual([])
        const reports = world.said.filter(({ key }) => key.endsWith('report'))
        // a kill between the word and its mark repeats it, under the same key and with the same words
        expect(new Set(reports.map(({ key, text }) => `${key} ${text}`)).size).toBe(1)
        const wasPlanned = !reports[0]?.text.includes('before there was a plan')
        if (wasPlanned) checkSteps(world, given)
        else expect(world.hub.tasks.size).toBe(0)
        const open = [...world.hub.tasks.values()].filter(({ endedAt }) => endedAt === undefined)
        expect(open).toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})
