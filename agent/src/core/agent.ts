import { LIMITS } from '@ai-comms/shared'
import type { AgentParts } from './agent-parts.ts'
import { repeat } from './alarms.ts'
import { DeltaStream } from './delta-stream.ts'
import { TaskError, toOutcome } from './failures.ts'
import {
  callOffAlarms,
  type HeldTask,
  type RunningTask,
  readDeadline,
  type TaskFrame,
  toInput,
  type WaitingTask,
} from './held-task.ts'
import { MemoryJournal } from './memory-journal.ts'
import type { Answer, CallOff } from './ports.ts'
import { BROKEN, HANDED_BACK, isPassing, NO_STORAGE, OUT_OF_TIME, TOO_BUSY, toErrorFrame, tooLate } from './refusals.ts'
import { type Remembered, TaskMemory } from './task-memory.ts'
import { TaskQueue } from './task-queue.ts'
import { toolsFor } from './tools.ts'

/** How often a task that takes long gives a sign of life, in milliseconds: half of what the hub waits for one. */
export const PROGRESS_EVERY_MS = LIMITS.ACK_WAIT_MS / 2

/**
 * The hall: tasks come in, at most `maxConcurrency` are worked on, the rest wait their turn, and each gets one answer.
 * A task is known by its `requestId`, whatever socket it came through.
 */
export class Agent {
  readonly #parts: AgentParts
  readonly #memory: TaskMemory
  readonly #queue: TaskQueue
  readonly #running = new Map<string, RunningTask>()
  #draining = false
  #whenIdle: (() => void) | undefined

  constructor(parts: AgentParts) {
    this.#parts = parts
    this.#memory = parts.memory ?? new TaskMemory({ ...parts, journal: new MemoryJournal() })
    this.#queue = parts.queue ?? new TaskQueue()
  }

  /** How many tasks are worked on and how many wait. */
  get load(): { readonly running: number; readonly waiting: number } {
    return { running: this.#running.size, waiting: this.#queue.size }
  }

  /** Takes a delivery: joins the work that is under way, repeats the answer that is known, or begins. */
  performTask(frame: TaskFrame): void {
    const { requestId, attempt = 1 } = frame
    const held = this.#find(requestId)
    if (held) {
      this.#join(held, attempt)
      return
    }
    const known = this.#memory.find(requestId, attempt)
    if (known.state === 'ended') this.#repeat(known.answer, attempt)
    else if (this.#draining) this.#refuse(requestId, attempt, HANDED_BACK)
    else if (known.state === 'unreadable') this.#refuse(requestId, attempt, NO_STORAGE)
    else this.#take(frame, attempt, known)
  }

  /** Gives a task up without another word: whoever asked does not wait for it. */
  cancelTask(requestId: string, reason: string): void {
    const held = this.#find(requestId)
    this.#memory.forget([requestId])
    if (!held) return
    this.#release(held)
    this.#parts.observe({ type: 'task.canceled', taskId: requestId, reason })
    if (held.state === 'running') held.abort.abort(new Error('The task was canceled'))
    this.#beginNext()
  }

  /**
   * Takes no more work, hands back at once what has not begun, lets the rest finish, and hands back what has not
   * finished after `drainMs` milliseconds.
   */
  async drain(drainMs: number): Promise<void> {
    this.#draining = true
    this.#parts.observe({ type: 'agent.draining', running: this.#running.size, handedBack: this.#queue.size })
    this.#handBack(this.#queue.list())
    if (this.#running.size === 0) return
    await new Promise<void>((resolve) => {
      const callOff = this.#parts.clock.after(drainMs, resolve)
      this.#whenIdle = () => {
        callOff()
        resolve()
      }
    })
    this.#handBack([...this.#running.values()])
  }

  #find(requestId: string): HeldTask | undefined {
    return this.#running.get(requestId) ?? this.#queue.find(requestId)
  }

  #join(held: HeldTask, attempt: number): void {
    const { requestId } = held.frame
    this.#parts.observe({ type: 'task.joined', taskId: requestId, attempt })
    if (held.state === 'waiting') {
      this.#queue.put({ ...held, attempt })
    } else {
      this.#running.set(requestId, { ...held, attempt })
      this.#parts.link.send({ type: 'task-accepted', requestId })
    }
  }

  #repeat(answer: Answer, attempt: number): void {
    this.#parts.observe({ type: 'task.repeated', taskId: answer.requestId, attempt })
    this.#parts.link.send(answer)
  }

  #refuse(requestId: string, attempt: number, error: TaskError): void {
    const { code, retryable } = error
    this.#parts.observe({ type: 'task.failed', taskId: requestId, code, retryable })
    const frame = toErrorFrame(requestId, error)
    if (isPassing(error)) this.#parts.link.send(frame)
    else this.#end(frame, attempt)
  }

  #refuseLate(requestId: string, attempt: number, lateMs: number): void {
    this.#parts.observe({ type: 'task.late', taskId: requestId, lateMs })
    this.#refuse(requestId, attempt, tooLate(lateMs))
  }

  #take(frame: TaskFrame, attempt: number, known: Remembered): void {
    const { requestId } = frame
    const deadlineAt = readDeadline(frame)
    const lateMs = deadlineAt === undefined ? -1 : this.#parts.clock.now() - deadlineAt
    if (lateMs >= 0) {
      this.#refuseLate(requestId, attempt, lateMs)
    } else if (!this.#queue.hasRoom(frame.message.length)) {
      this.#refuse(requestId, attempt, TOO_BUSY)
    } else if (!this.#memory.accept(requestId, attempt)) {
      this.#refuse(requestId, attempt, NO_STORAGE)
    } else {
      if (known.state === 'accepted') {
        this.#parts.observe({ type: 'task.resumed', taskId: requestId, attempt, attemptBefore: known.attempt })
      }
      this.#enqueue(frame, attempt, deadlineAt)
      this.#beginNext()
    }
  }

  #enqueue(frame: TaskFrame, attempt: number, deadlineAt: number | undefined): void {
    const { requestId } = frame
    const arrivedAt = this.#parts.clock.now()
    const alarms = [
      // also tells the hub that the task is in good hands, so that it does not deliver it again and again
      repeat(this.#parts.clock, PROGRESS_EVERY_MS, () => {
        this.#parts.link.send({ type: 'task-progress', requestId, message: 'Waiting for a free slot.' })
      }),
      ...(deadlineAt === undefined ? [] : [this.#expireAfter(deadlineAt - arrivedAt, requestId)]),
    ]
    this.#queue.put({ state: 'waiting', frame, attempt, arrivedAt, deadlineAt, alarms })
  }

  #beginNext(): void {
    while (this.#running.size < this.#parts.maxConcurrency) {
      const next = this.#queue.findNext()
      if (!next) break
      this.#begin(next)
    }
    if (this.#running.size === 0) this.#whenIdle?.()
  }

  #begin(waiting: WaitingTask): void {
    const { frame, attempt, arrivedAt } = waiting
    const { requestId } = frame
    const { clock, link, observe, workMsMax } = this.#parts
    const startedAt = clock.now()
    this.#release(waiting)
    const input = toInput(waiting, startedAt + workMsMax)
    const abort = new AbortController()
    const stream = new DeltaStream(requestId, link, clock)
    const alarms = [
      this.#expireAfter(input.deadlineAt - startedAt, requestId),
      repeat(clock, PROGRESS_EVERY_MS, () => {
        link.send({ type: 'task-progress', requestId })
      }),
    ]
    this.#running.set(requestId, { state: 'running', frame, attempt, startedAt, abort, stream, alarms })
    link.send({ type: 'task-accepted', requestId })
    observe({ type: 'task.begun', taskId: requestId, attempt, waitedMs: startedAt - arrivedAt })
    const tools = toolsFor({ requestId, signal: abort.signal, stream, link, clock })
    void this.#work(abort, requestId, async () => this.#parts.perform(input, tools))
  }

  async #work(abort: AbortController, requestId: string, perform: () => Promise<string>): Promise<void> {
    const outcome = await toOutcome(perform())
    const held = this.#running.get(requestId)
    // canceled, expired or handed back meanwhile, perhaps begun anew: this work has no task any more
    if (held?.abort !== abort) return
    if (outcome instanceof Error) this.#fail(held, outcome)
    else this.#complete(held, outcome)
    this.#beginNext()
  }

  #complete(held: RunningTask, response: string): void {
    const { requestId } = held.frame
    const workMs = this.#parts.clock.now() - held.startedAt
    held.stream.finish()
    this.#release(held)
    this.#parts.observe({ type: 'task.completed', taskId: requestId, workMs, chars: response.length })
    this.#end({ type: 'task-response', requestId, response }, held.attempt)
  }

  #fail(held: RunningTask, error: Error): void {
    const { requestId } = held.frame
    if (!(error instanceof TaskError)) this.#parts.observe({ type: 'task.broken', taskId: requestId, err: error })
    this.#release(held)
    this.#refuse(requestId, held.attempt, error instanceof TaskError ? error : BROKEN)
  }

  #giveUp(held: HeldTask, error: TaskError): void {
    this.#release(held)
    this.#refuse(held.frame.requestId, held.attempt, error)
    if (held.state === 'running') held.abort.abort(error)
  }

  #handBack(tasks: readonly HeldTask[]): void {
    for (const held of tasks) this.#giveUp(held, HANDED_BACK)
    this.#memory.forget(tasks.map(({ frame }) => frame.requestId))
  }

  /** What is sent is kept before, so that no answer is known to the hub and not to this agent. */
  #end(answer: Answer, attempt: number): void {
    this.#memory.end(answer, attempt)
    this.#parts.link.send(answer)
  }

  #release(held: HeldTask): void {
    callOffAlarms(held)
    if (held.state === 'waiting') {
      this.#queue.remove(held.frame.requestId)
    } else {
      held.stream.end()
      this.#running.delete(held.frame.requestId)
    }
  }

  #expireAfter(delayMs: number, requestId: string): CallOff {
    return this.#parts.clock.after(delayMs, () => {
      const held = this.#find(requestId)
      if (held) this.#giveUp(held, OUT_OF_TIME)
      this.#beginNext()
    })
  }
}
