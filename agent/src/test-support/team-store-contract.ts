import { describe, expect, it } from 'vitest'
import { StorageError } from '../core/failures.ts'
import type { StepState } from '../core/team/team-run.ts'
import { type RunHead, TEAM_BOUNDS, type TeamBounds, type TeamStore } from '../core/team/team-store.ts'

/** A run that nobody has planned. */
export const newRun = (id: string, more: Partial<RunHead> = {}): RunHead => ({
  id,
  chat: { id: `chat of ${id}`, isGroup: false },
  person: '491701234567',
  text: 'Find out ∀ 🧪 "quoted" \n lines',
  startedAt: 5,
  notes: [],
  isStopped: false,
  ...more,
})

/** A plan with two steps. */
export const TWO_STEPS: NonNullable<RunHead['plan']> = {
  origin: 'model',
  steps: [
    { id: '1', agent: 'atlas', skills: ['research'], task: 'search', after: [] },
    { id: '2', agent: 'bolt', skills: [], task: 'write', after: ['1'] },
  ],
}

const current = { number: 1, agent: 'atlas', message: 'm', timeoutMs: 1_000, deadlineAt: 9 }
const failed = [{ agent: 'nova', reason: 'no ink' }]
const STATES: readonly StepState[] = [
  { state: 'waiting', failed },
  { state: 'running', failed: [], current },
  { state: 'running', failed, current: { ...current, number: 2, taskId: 't1' } },
  { state: 'done', failed, agent: 'atlas', result: "'; DROP TABLE team_run; -- \u0000" },
  { state: 'failed', failed },
  { state: 'skipped', reason: 'It needs step 1.' },
  { state: 'canceled' },
  { state: 'canceled', agent: 'atlas' },
]

/** A store for one test. */
export type OpenTeamStore = (bounds: TeamBounds) => { readonly store: TeamStore } & Disposable

/** What every store of teams keeps to, whatever it writes on. */
export const describeTeamStore = (kind: string, open: OpenTeamStore): void => {
  describe(`a store of teams ${kind}`, () => {
    it('gives back what it was told last, the oldest run first', () => {
      using opened = open(TEAM_BOUNDS)
      const { store } = opened
      expect(store.list()).toEqual([])
      store.saveRun(newRun('r1'))
      store.saveRun(newRun('r2', { chat: { id: 'g', isGroup: true } }))
      const planned = newRun('r1', { plan: TWO_STEPS, notes: ['“Atlsa” was read as atlas.'], isStopped: true })
      store.saveStep('r1', '2', { state: 'canceled' })
      store.saveRun(planned)
      expect(store.list()).toEqual([
        { ...planned, steps: new Map([['2', { state: 'canceled' }]]) },
        { ...newRun('r2', { chat: { id: 'g', isGroup: true } }), steps: new Map() },
      ])
    })

    it.each(STATES)('knows a step that is %j', (state) => {
      using opened = open(TEAM_BOUNDS)
      opened.store.saveRun(newRun('r1'))
      opened.store.saveStep('r1', '1', { state: 'waiting', failed: [] })
      opened.store.saveStep('r1', '1', state)
      expect(opened.store.list()[0]?.steps).toEqual(new Map([['1', state]]))
    })

    it('forgets a run that is over with all its steps, and keeps no step of a run that is not there', () => {
      using opened = open(TEAM_BOUNDS)
      const { store } = opened
      store.saveRun(newRun('r1'))
      store.saveStep('r1', '1', { state: 'canceled' })
      store.end('r1')
      store.end('nobody')
      store.saveStep('r1', '1', { state: 'canceled' })
      expect(store.list()).toEqual([])
      store.saveRun(newRun('r1'))
      expect(store.list()[0]?.steps).toEqual(new Map())
    })

    it('takes no more than it may hold, and has changed nothing when it does not', () => {
      using opened = open({ runsMax: 2, charsMax: 2_000 })
      const { store } = opened
      store.saveRun(newRun('r1'))
      store.saveRun(newRun('r2'))
      expect(() => store.saveRun(newRun('r3'))).toThrow(StorageError)
      const before = store.list()
      const large: StepState = { state: 'done', failed: [], agent: 'atlas', result: 'x'.repeat(2_000) }
      expect(() => store.saveStep('r1', '1', large)).toThrow(StorageError)
      expect(() => store.saveRun(newRun('r1', { text: 'x'.repeat(2_000) }))).toThrow(StorageError)
      expect(store.list()).toEqual(before)
      store.end('r2')
      store.saveRun(newRun('r3'))
      expect(store.list().map(({ id }) => id)).toEqual(['r1', 'r3'])
    })
  })
}
