import type { Plan, PlanStep } from './plan.ts'
import { type StepParts, StepWork } from './step-work.ts'
import type { StepEnd } from './team-run.ts'

/** What a run of a plan needs. */
export type RunParts = Omit<StepParts, 'step'>

/**
 * Works on a plan: every step as soon as those that it needs are done, all others at the same time. A step that fails takes
 * with it those that need it, and nothing else.
 *
 * @returns whether all of it is over; not so when the process closes before
 */
export const runPlan = async (parts: RunParts): Promise<boolean> => {
  const { plan } = parts
  const ends = new Map<string, Promise<StepEnd | undefined>>()
  // each step stands behind those that it needs, so their ends are here before it asks for them
  for (const step of plan.steps) {
    const needed = step.after.map(async (id) => ({ id, end: await ends.get(id) }))
    ends.set(step.id, workAfter(parts, step, needed))
  }
  const settled = await Promise.allSettled(ends.values())
  const broken = settled.find((each) => each.status === 'rejected')
  if (broken) throw broken.reason
  return isOver(plan, parts)
}

const isOver = ({ steps }: Plan, { book }: RunParts): boolean =>
  steps.every(({ id }) => !['waiting', 'running'].includes(book.stateOf(id).state))

const workAfter = async (
  parts: RunParts,
  step: PlanStep,
  needed: readonly Promise<{ readonly id: string; readonly end: StepEnd | undefined }>[],
): Promise<StepEnd | undefined> => {
  const { book, stop, onMove } = parts
  const ends = await Promise.all(needed)
  if (ends.some(({ end }) => end === undefined)) return undefined
  const missing = ends.flatMap(({ id, end }) => (end?.state === 'done' ? [] : [id]))
  if (missing.length > 0 && book.stateOf(step.id).state === 'waiting') {
    const reason = `It needs step ${missing.join(', ')}, which has no result.`
    book.move(step.id, stop.aborted ? { state: 'canceled' } : { state: 'skipped', reason })
    onMove()
  }
  return new StepWork({ ...parts, step }).run()
}
