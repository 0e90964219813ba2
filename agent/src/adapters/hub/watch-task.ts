import { fullJitterMs, isTerminal, type TaskEvent, type TaskView, taskEvent, taskView } from '@ai-comms/shared'
import { HubCallError } from '../../core/hub-calls.ts'
import { findJsonValue } from '../../core/json-value.ts'
import { EventLines, type SentEvent } from './event-lines.ts'
import { readAnswer, toAnswerError } from './rest-answer.ts'
import type { RestLine } from './rest-line.ts'
import { readText, toLineError } from './rest-request.ts'

/** Streams in a row without an event after which a task is asked for instead: something on the way holds events back. */
const DEAF_STREAMS_MAX = 2

const readEvent = ({ event, data }: SentEvent): TaskEvent | undefined => {
  // what is no event of ours is passed over; the stream goes on
  const read = taskEvent.safeParse({ event, data: findJsonValue(data) })
  return read.success ? read.data : undefined
}

const findEnd = (event: TaskEvent): TaskView | undefined =>
  (event.event === 'snapshot' || event.event === 'state') && isTerminal(event.data.state) ? event.data : undefined

/** Follows one durable task to its end. */
export class TaskWatch {
  readonly #line: RestLine
  readonly #path: string
  readonly #onEvent: (event: TaskEvent) => void
  readonly #signal: AbortSignal
  #lastId: string | undefined
  #failures = 0
  #deafStreams = 0

  constructor(line: RestLine, taskId: string, onEvent: (event: TaskEvent) => void, signal: AbortSignal) {
    this.#line = line
    this.#path = `tasks/${encodeURIComponent(taskId)}`
    this.#onEvent = onEvent
    this.#signal = signal
  }

  /** The task as it ended. @throws {HubCallError} what will not pass by itself, or `canceled` */
  async run(): Promise<TaskView> {
    for (;;) {
      if (this.#signal.aborted) throw toLineError(this.#signal.reason, this.#signal)
      const end = await this.#try()
      if (end !== undefined) return end
      await this.#wait()
    }
  }

  async #try(): Promise<TaskView | undefined> {
    try {
      if (this.#deafStreams < DEAF_STREAMS_MAX) {
        const end = await this.#stream()
        if (end !== undefined) return end
      }
      return this.#deafStreams === 0 ? undefined : await this.#poll()
    } catch (error) {
      if (!(error instanceof HubCallError) || !error.isPassing) throw error
      this.#failures += 1
      if (error.retryAfterMs !== undefined)
        await this.#pause(Math.min(error.retryAfterMs, this.#line.bounds.retryAfterMsMax))
      return undefined
    }
  }

  /** Reads a stream until the task is over or the line breaks, which the next one makes good for. */
  async #stream(): Promise<TaskView | undefined> {
    const signal = this.#signal
    const resume = this.#lastId === undefined ? {} : { 'last-event-id': this.#lastId }
    const answer = await this.#line.open(`${this.#path}/events`, {
      headers: { accept: 'text/event-stream', ...resume },
      signal,
    })
    const { clock, bounds } = this.#line
    if (answer.statusCode !== 200) {
      const text = await readText(answer, { clock, signal, bytesMax: bounds.bytesMax, bodyMsMax: bounds.answerMsMax })
      // 204: the end was told before, to a reader that did not live to hear it
      if (answer.statusCode === 204) this.#deafStreams = DEAF_STREAMS_MAX
      else throw toAnswerError({ status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'], text })
      return undefined
    }
    this.#deafStreams += 1
    const silence = () => clock.after(bounds.idleMsMax, () => answer.destroy())
    let callOff = silence()
    const lines = new EventLines(bounds.bytesMax)
    try {
      for await (const chunk of answer) {
        callOff()
        const end = this.#tell(lines.read(chunk))
        if (end !== undefined) return end
        callOff = silence()
      }
    } catch (error) {
      if (error instanceof RangeError) throw new HubCallError('bad_answer', 'The hub sent an event that is too large.')
      if (signal.aborted) throw toLineError(error, signal)
      this.#failures += 1
    } finally {
      callOff()
      answer.destroy()
    }
    return undefined
  }

  #tell(sent: readonly SentEvent[]): TaskView | undefined {
    for (const each of sent) {
      this.#lastId = each.id ?? this.#lastId
      const event = readEvent(each)
      if (event === undefined) continue
      this.#failures = 0
      this.#deafStreams = 0
      this.#onEvent(event)
      const end = findEnd(event)
      if (end !== undefined) return end
    }
    return undefined
  }

  async #poll(): Promise<TaskView | undefined> {
    const task = readAnswer(taskView, await this.#line.ask(this.#path, { signal: this.#signal }))
    const event: TaskEvent = { event: 'snapshot', data: task }
    this.#onEvent(event)
    return findEnd(event)
  }

  async #wait(): Promise<void> {
    const { random, bounds } = this.#line
    const tries = Math.max(this.#failures, this.#deafStreams)
    await this.#pause(fullJitterMs(tries, { baseMs: bounds.retryBaseMs, capMs: bounds.retryCapMs }, random()))
  }

  #pause(ms: number): Promise<void> {
    const signal = this.#signal
    return new Promise((resolve) => {
      const end = () => {
        callOff()
        signal.removeEventListener('abort', end)
        resolve()
      }
      const callOff = this.#line.clock.after(ms, end)
      signal.addEventListener('abort', end, { once: true })
      if (signal.aborted) end()
    })
  }
}
