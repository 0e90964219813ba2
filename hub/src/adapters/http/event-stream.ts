import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { FeedEvent, FeedReader } from '../../core/durable/task-feed.ts'
import { onceClosed } from './once-closed.ts'

/** A comment is sent this often, in milliseconds, so that nobody between hub and reader takes the silence for death. */
const KEEPALIVE_MS = 14_000
/**
 * A reader for whom more bytes than this wait when there is something new to
 * tell is cut off; it may come back for what it missed. One event may be
 * larger: a task with the longest message and answer is told to everybody who
 * reads, and a few of its states may follow each other closely.
 */
const BUFFERED_BYTES_MAX = 4_194_304

const KEEPALIVE = Buffer.from(': still here\n\n')
const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  // nginx gathers answers unless told otherwise
  'x-accel-buffering': 'no',
}

/** Many readers hear the same event object; it is written out once. */
const written = new WeakMap<FeedEvent, Buffer>()

/** One event on the wire. @see https://html.spec.whatwg.org/multipage/server-sent-events.html */
const toBytes = (event: FeedEvent): Buffer => {
  const known = written.get(event)
  if (known !== undefined) return known
  const bytes = Buffer.from(`id: ${event.id}\nevent: ${event.event}\ndata: ${JSON.stringify(event.data)}\n\n`)
  written.set(event, bytes)
  return bytes
}

/** A caller that reads events. The answer begins with the first event, so that a refusal can still be a problem document. */
export class EventStream implements FeedReader {
  readonly #reply: FastifyReply
  readonly #isHead: boolean
  #response: ServerResponse | undefined

  /** @param isHead the caller wants the headers alone */
  constructor(reply: FastifyReply, isHead = false) {
    this.#reply = reply
    this.#isHead = isHead
  }

  /** Sends the headers, unless they are sent. */
  begin(): ServerResponse {
    if (this.#response !== undefined) return this.#response
    const { raw } = this.#reply
    this.#response = raw
    const headers = Object.entries({ ...this.#reply.getHeaders(), ...HEADERS })
    this.#reply.hijack()
    for (const [name, value] of headers) if (value !== undefined) raw.setHeader(name, value)
    raw.writeHead(200)
    if (this.#isHead) raw.end()
    else raw.flushHeaders()
    const keepalive = setInterval(() => this.#write(KEEPALIVE), KEEPALIVE_MS)
    onceClosed(raw, () => clearInterval(keepalive))
    return raw
  }

  tell(event: FeedEvent): void {
    this.begin()
    this.#write(toBytes(event))
  }

  end(): void {
    this.begin().end()
  }

  #write(bytes: Buffer): void {
    const response = this.#response
    if (response === undefined || response.writableEnded || response.destroyed) return
    if (response.writableLength > BUFFERED_BYTES_MAX) response.destroy()
    else response.write(bytes)
  }
}

const STREAM_TYPE = 'text/event-stream'
const JSON_TYPES = new Set(['application/json', 'application/problem+json', '*/*', 'application/*'])

/** Where a media type stands in an Accept header: its weight, and its place for those of equal weight. */
const readAccept = (accept: string): { readonly type: string; readonly weight: number }[] =>
  accept.split(',').map((part) => {
    const [type = '', ...parameters] = part.split(';').map((word) => word.trim().toLowerCase())
    const weight = parameters.find((word) => word.startsWith('q='))?.slice(2)
    return { type, weight: weight === undefined ? 1 : Number(weight) || 0 }
  })

/**
 * Whether a caller would rather have a stream of events than one answer: it
 * names streams, and names no other answer before them.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1
 */
export const wantsEvents = (accept: string | undefined): boolean => {
  if (accept === undefined || !accept.toLowerCase().includes(STREAM_TYPE)) return false
  const wanted = readAccept(accept)
    .filter(({ type, weight }) => weight > 0 && (type === STREAM_TYPE || JSON_TYPES.has(type)))
    .sort((one, other) => other.weight - one.weight)
  return wanted[0]?.type === STREAM_TYPE
}
