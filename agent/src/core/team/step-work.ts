import { LIMITS, toMatchKey } from '@ai-comms/shared'
import { HubCallError } from '../hub-calls.ts'
import { writeBrief } from './brief.ts'
import { Delivery, type DeliveryEnd } from './delivery.ts'
import { hasSkill, type Member, toMembers } from './members.ts'
import type { Plan, PlanStep } from './plan.ts'
import type { RunBook } from './run-book.ts'
import { TEAM_TIMES, type TeamParts } from './team-parts.ts'
import { type FailedTry, isEnd, type StepEnd, type StepState, type StepTry } from './team-run.ts'

/** Agents that are asked for one step: whom the plan names, and one that steps in. */
const TRIES_MAX = 2
/** What the hub gets on top of a step's own time to tell its end, in milliseconds. */
const SLACK_MS = 5_000

const NO_DISK = 'The agent cannot write to its disk at the moment, so the step was not handed out.'
const NO_TIME = 'The time of the whole team was over.'

/** What the work on a step needs. */
export interface StepParts extends TeamParts {
  readonly book: RunBook
  readonly plan: Plan
  readonly step: PlanStep
  readonly stop: AbortSignal
  readonly close: AbortSignal
  /** Called when the step has moved. */
  readonly onMove: () => void
}

/** Whoever else can most of what a step takes; nobody who can nothing of it. */
const findStandIn = ({ skills }: PlanStep, members: readonly Member[], tried: readonly FailedTry[]) => {
  const count = (member: Member) => skills.filter((each) => hasSkill(member, each)).length
  const isTried = ({ name }: Member) => tried.some(({ agent }) => toMatchKey(agent) === toMatchKey(name))
  return members
    .filter((member) => !isTried(member) && count(member) > 0)
    .sort((one, other) => count(other) - count(one))
    .at(0)
}

/** Works on one step until it is over, however often the process ends meanwhile. */
export class StepWork {
  readonly #parts: StepParts

  constructor(parts: StepParts) {
    this.#parts = parts
  }

  /** The end of the step; nothing when the process closes before. */
  async run(): Promise<StepEnd | undefined> {
    const { book, step, stop, close } = this.#parts
    // what is running at first was begun by an earlier process
    let isRepeated = true
    for (;;) {
      const state = book.stateOf(step.id)
      if (isEnd(state)) return state
      if (close.aborted) return undefined
      if (state.state === 'running') {
        const end = await this.#deliver(state.current, isRepeated)
        if (end.type === 'closed') return undefined
        this.#move(this.#settle(end, state.current, state.failed))
      } else if (stop.aborted) this.#move({ state: 'canceled' })
      else await this.#begin(state.failed)
      isRepeated = false
    }
  }

  #move(state: StepState): boolean {
    const { book, step, onMove } = this.#parts
    const isSaved = book.move(step.id, state)
    onMove()
    return isSaved
  }

  #fail(failed: readonly FailedTry[], agent: string, reason: string): void {
    this.#move({ state: 'failed', failed: [...failed, { agent, reason }] })
  }

  /** Chooses who does it and writes that down before the hub hears of it, so that nothing is handed out twice. */
  async #begin(failed: readonly FailedTry[]): Promise<void> {
    const { step, clock, book, plan, frame, stop, close } = this.#parts
    const { runMs, stepMs } = { ...TEAM_TIMES, ...this.#parts.times }
    const agent = failed.length === 0 ? step.agent : await this.#findStandIn(failed)
    // whoever was looked for is not needed any more
    if (stop.aborted || close.aborted) return
    if (agent === undefined) {
      this.#move({ state: 'failed', failed })
      return
    }
    const { startedAt, person, text, steps } = book.run
    const timeoutMs = Math.min(stepMs, startedAt + runMs - clock.now(), LIMITS.TIMEOUT_MS_MAX)
    if (timeoutMs < LIMITS.TIMEOUT_MS_MIN) {
      this.#fail(failed, agent, NO_TIME)
      return
    }
    const current: StepTry = {
      number: failed.length + 1,
      agent,
      message: writeBrief({ frame, person, text, plan, step, states: steps }),
      timeoutMs,
      deadlineAt: clock.now() + timeoutMs + SLACK_MS,
    }
    if (!this.#move({ state: 'running', failed, current })) this.#fail(failed, agent, NO_DISK)
  }

  async #findStandIn(failed: readonly FailedTry[]): Promise<string | undefined> {
    const { hub, self, step } = this.#parts
    try {
      const members = toMembers(await hub.listAgents(), self)
      return findStandIn(step, members, failed)?.name
    } catch (error) {
      if (!(error instanceof HubCallError)) throw error
      return undefined
    }
  }

  #deliver(current: StepTry, isRepeated: boolean): Promise<DeliveryEnd> {
    const { self, hub, clock, random, stop, close, book, step } = this.#parts
    return new Delivery({
      self,
      hub,
      clock,
      random,
      stop,
      close,
      current,
      isRepeated,
      idempotencyKey: `team-${book.run.id}-${step.id}-${current.number}`,
      onTaken: (taskId) => {
        const state = book.stateOf(step.id)
        if (state.state !== 'running') return
        // a task that was taken before a restart is known, and taken again
        if (state.current.taskId === undefined) this.#parts.onDelegated?.(book.run, current.agent, taskId)
        this.#move({ ...state, current: { ...state.current, taskId } })
      },
    }).run()
  }

  #settle(end: Exclude<DeliveryEnd, { type: 'closed' }>, current: StepTry, before: readonly FailedTry[]): StepState {
    const { agent } = current
    if (end.type === 'done') return { state: 'done', failed: before, agent, result: end.result }
    if (end.type === 'canceled') return { state: 'canceled', agent }
    const failed = [...before, { agent, reason: end.reason }]
    return end.isFinal || failed.length >= TRIES_MAX ? { state: 'failed', failed } : { state: 'waiting', failed }
  }
}
