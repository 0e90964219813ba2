import type Database from 'better-sqlite3'
import { z } from 'zod'
import { StorageError } from '../../core/failures.ts'
import type { StepState, TeamRun } from '../../core/team/team-run.ts'
import { type RunHead, TEAM_BOUNDS, type TeamBounds, type TeamStore } from '../../core/team/team-store.ts'
import { ask, commit } from '../../sqlite/ask-database.ts'

const failed = z.array(z.object({ agent: z.string(), reason: z.string() }))

const stepState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('waiting'), failed }),
  z.object({
    state: z.literal('running'),
    failed,
    current: z.object({
      number: z.int(),
      agent: z.string(),
      message: z.string(),
      timeoutMs: z.number(),
      deadlineAt: z.number(),
      taskId: z.string().exactOptional(),
    }),
  }),
  z.object({ state: z.literal('done'), failed, agent: z.string(), result: z.string() }),
  z.object({ state: z.literal('failed'), failed }),
  z.object({ state: z.literal('skipped'), reason: z.string() }),
  z.object({ state: z.literal('canceled'), agent: z.string().exactOptional() }),
])

const plan = z.object({
  origin: z.enum(['model', 'straight', 'skills', 'anybody']),
  steps: z.array(
    z.object({
      id: z.string(),
      agent: z.string(),
      skills: z.array(z.string()),
      task: z.string(),
      after: z.array(z.string()),
    }),
  ),
})

const runHead = z.object({
  id: z.string(),
  chat: z.object({ id: z.string(), isGroup: z.boolean() }),
  person: z.string(),
  text: z.string(),
  startedAt: z.number(),
  plan: plan.exactOptional(),
  notes: z.array(z.string()),
  isStopped: z.boolean(),
})

const prepare = (database: Database.Database) => ({
  list: database.prepare<[], { id: string; head: string }>('SELECT id, head FROM team_run ORDER BY seq'),
  listSteps: database.prepare<[string], { stepId: string; state: string }>(
    'SELECT step_id AS stepId, state FROM team_step WHERE run_id = ? ORDER BY rowid',
  ),
  count: database.prepare<[], { runs: number; chars: number }>(
    `SELECT (SELECT count(*) FROM team_run) AS runs,
       (SELECT coalesce(sum(chars), 0) FROM team_run) + (SELECT coalesce(sum(chars), 0) FROM team_step) AS chars`,
  ),
  saveRun: database.prepare<[string, number, string]>(
    `INSERT INTO team_run (id, chars, head) VALUES (?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET chars = excluded.chars, head = excluded.head`,
  ),
  saveStep: database.prepare<[{ runId: string; stepId: string; chars: number; state: string }]>(
    `INSERT INTO team_step (run_id, step_id, chars, state)
     SELECT @runId, @stepId, @chars, @state FROM team_run WHERE id = @runId
     ON CONFLICT (run_id, step_id) DO UPDATE SET chars = excluded.chars, state = excluded.state`,
  ),
  end: database.prepare<[string]>('DELETE FROM team_run WHERE id = ?'),
})

/** What this release did not write, or what the disk has changed, is nothing to go on with. */
const read = <Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> => {
  const parsed = schema.safeParse(JSON.parse(text))
  if (parsed.success) return parsed.data
  throw new StorageError('unreadable', parsed.error)
}

/** The runs of teams in the agent's database, which the journal opens and closes. Each call is one transaction. */
export class SqliteTeamStore implements TeamStore {
  readonly #database: Database.Database
  readonly #bounds: TeamBounds
  readonly #statements: ReturnType<typeof prepare>

  constructor(database: Database.Database, bounds: TeamBounds = TEAM_BOUNDS) {
    this.#database = database
    this.#bounds = bounds
    this.#statements = prepare(database)
  }

  list(): readonly TeamRun[] {
    return ask(this.#database, () =>
      this.#statements.list.all().map(({ id, head }) => ({
        ...read(runHead, head),
        steps: new Map(this.#statements.listSteps.all(id).map(({ stepId, state }) => [stepId, read(stepState, state)])),
      })),
    )
  }

  saveRun(run: RunHead): void {
    const head = JSON.stringify(run)
    this.#commit(() => this.#statements.saveRun.run(run.id, head.length, head))
  }

  saveStep(runId: string, stepId: string, step: StepState): void {
    const state = JSON.stringify(step)
    this.#commit(() => this.#statements.saveStep.run({ runId, stepId, chars: state.length, state }))
  }

  end(runId: string): void {
    ask(this.#database, () => this.#statements.end.run(runId))
  }

  /** What would not fit is taken back with its transaction. */
  #commit(act: () => void): void {
    commit(this.#database, () => {
      act()
      const { runs, chars } = this.#statements.count.get() ?? { runs: 0, chars: 0 }
      if (runs > this.#bounds.runsMax || chars > this.#bounds.charsMax) throw new StorageError('full')
    })
  }
}
