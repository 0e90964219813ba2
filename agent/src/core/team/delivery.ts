import type { TaskView } from '@ai-comms/shared'
import { cutText } from '../cut-text.ts'
import { HubCallError } from '../hub-calls.ts'
import { abortAfter, pause, toWaitMs, whenAborted } from './pause.ts'
import type { TeamParts } from './team-parts.ts'
import type { StepTry } from './team-run.ts'

/** Longest result that is kept, in characters. */
const RESULT_CHARS_MAX = 100_000
/** How long the hub is asked for the end of a task whose time is over, in milliseconds: it may have ended while we were away. */
const LAST_LOOK_MS = 10_000
/** Tries to cancel a task; it ends by its own timeout when all of them fail. */
const CANCEL_TRIES_MAX = 5

/**
 * What came of a delivery. `final` says that no other agent should be asked. Nothing at all came of it when the process
 * closes: the next one picks it up.
 */
export type DeliveryEnd =
  | { readonly type: 'done'; readonly result: string }
  | { readonly type: 'failed'; readonly reason: string; readonly isFinal: boolean }
  | { readonly type: 'canceled' }
  | { readonly type: 'closed' }

/** What a delivery is made of. */
export interface DeliveryParts extends Pick<TeamParts, 'self' | 'hub' | 'clock' | 'random'> {
  /** The same for the same step and try, whoever repeats it. */
  readonly idempotencyKey: string
  readonly current: StepTry
  /** An earlier process may have sent it. */
  readonly isRepeated: boolean
  /** Aborted when the person stops the team. */
  readonly stop: AbortSignal
  /** Aborted when the process ends. */
  readonly close: AbortSignal
  readonly onTaken: (taskId: string) => void
}

const CLOSED: DeliveryEnd = { type: 'closed' }
const CANCELED: DeliveryEnd = { type: 'canceled' }

const fail = (reason: string, isFinal = false): DeliveryEnd => ({ type: 'failed', reason, isFinal })

const readFailure = (error: unknown): HubCallError => {
  if (error instanceof HubCallError) return error
  throw error
}

/** Whether the hub may have taken what it did not confirm. */
const mayHaveArrived = ({ code }: HubCallError): boolean => code === 'no_answer' || code === 'bad_answer'

/** The end of a task as the end of its delivery; undefined for one that goes on. */
const toEnd = ({ state, response, error, code }: TaskView): DeliveryEnd | undefined => {
  switch (state) {
    case 'completed':
      return { type: 'done', result: cutText(response ?? '', RESULT_CHARS_MAX) }
    case 'failed':
    case 'rejected':
      return fail(error ?? code ?? state)
    case 'canceled':
      return fail('Somebody canceled the task at the hub.', true)
    default:
      return undefined
  }
}

/** One try of a step: a durable task that is handed over once, followed to its end, and taken back when its time is over. */
export class Delivery {
  readonly #parts: DeliveryParts

  constructor(parts: DeliveryParts) {
    this.#parts = parts
  }

  async run(): Promise<DeliveryEnd> {
    const { current, onTaken } = this.#parts
    if (current.taskId !== undefined) return this.#follow(current.taskId)
    const taken = await this.#submit()
    if (typeof taken !== 'string') return taken
    onTaken(taken)
    return this.#follow(taken)
  }

  /** Hands the task over, again and again under one key, until the hub has said yes or no. */
  async #submit(): Promise<string | DeliveryEnd> {
    const { clock, random, stop, close, current, isRepeated } = this.#parts
    let isUncertain = isRepeated
    for (let failures = 0; ; failures++) {
      if (close.aborted) return CLOSED
      if (clock.now() >= current.deadlineAt) return fail('The hub did not take the task in time.')
      const answer = await this.#submitOnce()
      if (answer === undefined) return CLOSED
      if (typeof answer === 'string') return answer
      if (!answer.isPassing) return fail(answer.message)
      isUncertain ||= mayHaveArrived(answer)
      // a task that may be there is learnt of once more, so that it can be canceled
      if (stop.aborted && (!isUncertain || failures >= CANCEL_TRIES_MAX)) return CANCELED
      await pause(clock, toWaitMs(answer, failures, random()), stop.aborted ? close : AbortSignal.any([stop, close]))
    }
  }

  /** The task's id, why there is none, or nothing when the process closes meanwhile. */
  async #submitOnce(): Promise<string | HubCallError | undefined> {
    const { hub, self, idempotencyKey, close, current } = this.#parts
    const { agent, message, timeoutMs } = current
    using closing = whenAborted(close)
    // not given up when the team is stopped: only who knows the task's id can cancel it
    const submitted = hub
      .submitTask({ target: { agent }, message, sender: self, timeoutMs, idempotencyKey })
      .then(({ id }) => id, readFailure)
    return Promise.race([submitted, closing.promise])
  }

  async #follow(taskId: string): Promise<DeliveryEnd> {
    const { hub, clock, stop, close, current } = this.#parts
    const leftMs = Math.max(current.deadlineAt - clock.now(), LAST_LOOK_MS)
    using watch = abortAfter(clock, leftMs, [stop, close])
    const ended = await hub.watchTask(taskId, () => {}, watch.signal).then(toEnd, readFailure)
    if (close.aborted && ended instanceof HubCallError) return CLOSED
    if (!(ended instanceof HubCallError)) return ended ?? fail('The hub told no end of the task.')
    if (ended.code !== 'canceled') return fail(ended.message)
    const last = await this.#cancel(taskId)
    if (last !== undefined) return last
    return stop.aborted ? CANCELED : fail('It took longer than a step may take.')
  }

  /** Takes a task back; what it has come to, should it have ended just before. */
  async #cancel(taskId: string): Promise<DeliveryEnd | undefined> {
    const { hub, clock, random, close } = this.#parts
    for (let failures = 0; failures < CANCEL_TRIES_MAX; failures++) {
      using closing = whenAborted(close)
      const view = await Promise.race([hub.cancelTask(taskId).catch(readFailure), closing.promise])
      if (view === undefined || close.aborted) return CLOSED
      if (!(view instanceof HubCallError)) return view.state === 'canceled' ? undefined : toEnd(view)
      if (!view.isPassing) return undefined
      await pause(clock, toWaitMs(view, failures, random()), close)
    }
    return undefined
  }
}
