import { StorageError } from '../failures.ts'
import type { StepState, TeamRun } from './team-run.ts'
import { type RunHead, TEAM_BOUNDS, type TeamBounds, type TeamStore } from './team-store.ts'

interface Entry {
  head: RunHead
  steps: Map<string, StepState>
}

const countChars = (value: unknown): number => JSON.stringify(value).length

const countEntry = ({ head, steps }: Entry): number =>
  [...steps.values()].reduce((sum, step) => sum + countChars(step), countChars(head))

/** A store that lives as long as its process. */
export class MemoryTeamStore implements TeamStore {
  readonly #bounds: TeamBounds
  readonly #runs = new Map<string, Entry>()

  constructor(bounds: TeamBounds = TEAM_BOUNDS) {
    this.#bounds = bounds
  }

  list(): readonly TeamRun[] {
    return [...this.#runs.values()].map(({ head, steps }) => ({ ...head, steps: new Map(steps) }))
  }

  saveRun(head: RunHead): void {
    const known = this.#runs.get(head.id)
    if (!known && this.#runs.size >= this.#bounds.runsMax) throw new StorageError('full')
    this.#put(head.id, { head, steps: known?.steps ?? new Map() })
  }

  saveStep(runId: string, stepId: string, step: StepState): void {
    const known = this.#runs.get(runId)
    if (known) this.#put(runId, { head: known.head, steps: new Map([...known.steps, [stepId, step]]) })
  }

  end(runId: string): void {
    this.#runs.delete(runId)
  }

  #put(runId: string, entry: Entry): void {
    const others = [...this.#runs].reduce((sum, [id, each]) => (id === runId ? sum : sum + countEntry(each)), 0)
    if (others + countEntry(entry) > this.#bounds.charsMax) throw new StorageError('full')
    this.#runs.set(runId, entry)
  }
}
