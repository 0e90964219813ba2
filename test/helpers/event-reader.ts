import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { Inbox } from './inbox.ts'
import type { HubAddress } from './start-hub.ts'
import { within } from './within.ts'

/** One server-sent event as it came; its `data` is parsed, all else unchecked. */
export interface SentEvent {
  /** The `id` line of this very event, or NaN when it has none. */
  readonly id: number
  readonly event: string
  readonly data: { readonly [member: string]: unknown }
}

/** How to ask for a stream. */
export interface FollowOptions {
  readonly method?: string
  readonly lastEventId?: number | string
  /** Sent as JSON, for the routes that take one. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Parses the lines of one event. @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream */
const toEvent = (lines: readonly string[]): SentEvent => {
  const valuesOf = (field: string) =>
    lines
      .filter((line) => line.split(':', 1)[0] === field)
      .map((line) => line.slice(field.length + 1).replace(/^ /, ''))
  const data: SentEvent['data'] = JSON.parse(valuesOf('data').join('\n'))
  return { id: Number(valuesOf('id').at(-1) ?? Number.NaN), event: valuesOf('event').at(-1) ?? 'message', data }
}

/** Somebody who reads a stream of events, as they come. */
export class EventReader implements AsyncDisposable {
  readonly response: IncomingMessage
  /** True when the stream ended in order, false when it was cut. */
  readonly ended: Promise<boolean>
  readonly #call: ClientRequest
  readonly #events = new Inbox<SentEvent>()
  readonly #comments = new Inbox<string>()
  #rest = ''

  constructor(call: ClientRequest, response: IncomingMessage) {
    this.#call = call
    this.response = response
    response.setEncoding('utf8')
    response.on('data', (text: string) => this.#read(text))
    // A connection that is cut also closes, and `ended` tells the test
    response.on('error', () => undefined)
    this.ended = new Promise((resolve) => {
      response.once('close', () => {
        resolve(response.complete)
        for (const inbox of [this.#events, this.#comments]) inbox.end(new Error('the stream ended'))
      })
    })
  }

  /** Events so far, in order. */
  get seen(): readonly SentEvent[] {
    return this.#events.seen
  }

  /** The next event, whatever it is. */
  next(): Promise<SentEvent> {
    return this.#events.take(() => true, 'an event')
  }

  /** The next event that fits; others stay for later. */
  nextWhere(fits: (event: SentEvent) => boolean, what: string): Promise<SentEvent> {
    return this.#events.take(fits, what)
  }

  /** The next comment; waits longer than others, for comments are rare. */
  nextComment(limitMs?: number): Promise<string> {
    return this.#comments.take(() => true, 'a comment', limitMs)
  }

  /** Waits for the orderly end. @returns every event that ever came */
  async all(): Promise<readonly SentEvent[]> {
    if (!(await within(this.ended, 'the end of the stream'))) throw new Error('The stream was cut')
    return this.seen
  }

  /** Hangs up. */
  async leave(): Promise<void> {
    this.#call.destroy()
    await within(this.ended, 'the end of the connection')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave()
  }

  #read(text: string): void {
    this.#rest += text
    if (!/[\r\n]/.test(text)) return
    const lines = this.#rest.split(/\r\n|\n|\r/)
    let from = 0
    lines.forEach((line, at) => {
      if (line !== '' || at === lines.length - 1) return
      this.#take(lines.slice(from, at))
      from = at + 1
    })
    this.#rest = lines.slice(from).join('\n')
  }

  #take(lines: readonly string[]): void {
    for (const line of lines) if (line.startsWith(':')) this.#comments.put(line.slice(1).trim())
    const fields = lines.filter((line) => !line.startsWith(':'))
    if (fields.length > 0) this.#events.put(toEvent(fields))
  }
}

/** Asks for a stream with the right secret. @throws {Error} with the status and text of any other answer */
export const follow = async (hub: HubAddress, path: string, options: FollowOptions = {}): Promise<EventReader> => {
  const { method = 'GET', lastEventId, body, headers } = options
  const text = body === undefined ? undefined : JSON.stringify(body)
  const call = request(`${hub.url}${path}`, {
    method,
    agent: false,
    headers: {
      authorization: `Bearer ${hub.secret}`,
      accept: 'text/event-stream',
      ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      ...(lastEventId !== undefined && { 'last-event-id': String(lastEventId) }),
      ...headers,
    },
  })
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    call.once('response', resolve)
    call.on('error', reject)
  })
  call.end(text)
  const response = await within(answered, `an answer to ${method} ${path}`)
  if (response.statusCode !== 200) {
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk)
    throw new Error(`${response.statusCode} ${Buffer.concat(chunks).toString('utf8')}`)
  }
  return new EventReader(call, response)
}

/** The path of a task's events. */
export const eventsOf = (taskId: string): string => `/tasks/${taskId}/events`
