import { StorageError } from '../failures.ts'
import type { ObserveTeam } from './events.ts'
import type { Plan } from './plan.ts'
import { isEnd, type StepState, type TeamRun, WAITING } from './team-run.ts'
import type { TeamStore } from './team-store.ts'

/** A run as it is now, and on disk. */
export class RunBook {
  readonly #store: TeamStore
  readonly #observe: ObserveTeam
  readonly #steps: Map<string, StepState>
  #head: Omit<TeamRun, 'steps'>

  constructor(run: TeamRun, store: TeamStore, observe: ObserveTeam) {
    const { steps, ...head } = run
    this.#head = head
    this.#steps = new Map(steps)
    this.#store = store
    this.#observe = observe
  }

  get run(): TeamRun {
    return { ...this.#head, steps: this.#steps }
  }

  /** How far a step is. */
  stateOf(stepId: string): StepState {
    return this.#steps.get(stepId) ?? WAITING
  }

  /** Whether the run is written down at all. */
  begin(): boolean {
    return this.#save(() => this.#store.saveRun(this.#head))
  }

  /** Keeps a plan; false when it cannot be written down, and then there is none. */
  keepPlan(plan: Plan, notes: readonly string[]): boolean {
    const head = { ...this.#head, plan, notes }
    const isSaved = this.#save(() => this.#store.saveRun(head))
    if (isSaved) this.#head = head
    return isSaved
  }

  /** Keeps that it was stopped; on disk if it may be. */
  keepStop(): void {
    const head = { ...this.#head, isStopped: true }
    this.#head = head
    this.#save(() => this.#store.saveRun(head))
  }

  /** Moves a step; false when that cannot be written down, and then it has moved all the same. */
  move(stepId: string, state: StepState): boolean {
    this.#steps.set(stepId, state)
    if (isEnd(state)) {
      this.#observe({ type: 'team.step-ended', runId: this.#head.id, stepId, state: state.state })
    }
    return this.#save(() => this.#store.saveStep(this.#head.id, stepId, state))
  }

  /** Lets go of a run that is over. */
  end(): void {
    this.#save(() => this.#store.end(this.#head.id))
  }

  #save(act: () => void): boolean {
    try {
      act()
      return true
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      this.#observe({ type: 'team.unsaved', runId: this.#head.id, code: error.code, err: error })
      return false
    }
  }
}
