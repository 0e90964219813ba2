import type { StepState, TeamRun } from './team-run.ts'

/** A run without its steps. */
export type RunHead = Omit<TeamRun, 'steps'>

/** Bounds of a store. */
export interface TeamBounds {
  /** Most runs that are not over. */
  readonly runsMax: number
  /** Most characters of all that is written down for them together. */
  readonly charsMax: number
}

/** Bounds that hold as many runs as one agent may work on, each with twenty full results and messages. */
export const TEAM_BOUNDS: TeamBounds = { runsMax: 8, charsMax: 67_108_864 }

/**
 * Where the runs of teams are written down until they are over. What a call has written is kept when it returns; each one
 * throws a {@link StorageError} when the storage does not serve, or has no room, and then nothing has changed.
 */
export interface TeamStore {
  /** Every run that is not over, the oldest first. */
  list(): readonly TeamRun[]
  /** Writes a run down, or what has changed of it; its steps stay as they are. */
  saveRun(run: RunHead): void
  /** Writes down how far a step is. One of a run that is not there is not kept. */
  saveStep(runId: string, stepId: string, step: StepState): void
  /** Lets go of a run that is over. */
  end(runId: string): void
}
