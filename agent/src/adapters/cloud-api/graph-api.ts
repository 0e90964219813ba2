import { request } from 'node:http'
import { request as secureRequest } from 'node:https'
import { z } from 'zod'
import { codeOf } from '../../core/failures.ts'
import type { Clock } from '../../core/ports.ts'
import { type GraphOutcome, toRefusalClass } from './graph-errors.ts'
import { isNumber } from './person-ids.ts'

/** How long Meta may take. */
export interface GraphBounds {
  /** Longest wait for a connection, in milliseconds. */
  readonly connectMsMax: number
  /** Longest wait for a whole answer, in milliseconds. */
  readonly answerMsMax: number
  /** Longest wait for the answer to an upload, in milliseconds. */
  readonly uploadMsMax: number
}

/** Meta answers within a second when it is well. */
export const GRAPH_BOUNDS: GraphBounds = { connectMsMax: 10_000, answerMsMax: 30_000, uploadMsMax: 120_000 }

/** Largest answer that is read, in bytes: a few hundred are usual. */
const ANSWER_BYTES_MAX = 262_144
/** Longest wait that is read out of an answer, in milliseconds. */
const RETRY_MS_MAX = 3_600_000

/** What reaching the Graph API takes. */
export interface GraphParts {
  readonly url: URL
  /** Such as `v26.0`. */
  readonly version: string
  readonly phoneNumberId: string
  readonly accessToken: string
  readonly clock: Clock
  readonly bounds: GraphBounds
}

/** A message as it is sent. */
export interface GraphMessage {
  /** A number in digits, or a user id. */
  readonly to: string
  /** Our own names of it, given back with each status. */
  readonly reference: string
  /** Meta's id of the message that is quoted. */
  readonly quoted: string | undefined
  readonly content:
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'document'; readonly media: string; readonly fileName: string; readonly caption: string }
}

/** What came of sending or uploading something: Meta's id of it. */
export type NamedOutcome = Exclude<GraphOutcome, { kind: 'answered' }> | { readonly kind: 'named'; readonly id: string }

interface Call {
  readonly method: 'GET' | 'POST'
  /** What stands behind the id of the phone number. */
  readonly edge: string
  readonly type?: string
  readonly body?: Uint8Array
  readonly answerMsMax: number
}

interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly text: string
}

const sentAnswer = z.object({ messages: z.tuple([z.object({ id: z.string().min(1) })], z.unknown()) })
const uploadAnswer = z.object({ id: z.string().min(1) })
const refusalBody = z.object({
  error: z.object({ code: z.number(), is_transient: z.boolean().optional().catch(undefined) }),
})

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const toRetryAfter = (header: string | undefined): { retryAfterMs?: number } =>
  /^\d{1,7}$/.test(header ?? '') ? { retryAfterMs: Math.min(Number(header) * 1_000, RETRY_MS_MAX) } : {}

const toOutcome = ({ status, retryAfter, text }: Answer): GraphOutcome => {
  const body = parse(text)
  if (status >= 200 && status <= 299) return { kind: 'answered', body }
  const error = refusalBody.safeParse(body).data?.error
  const kind = toRefusalClass({ status, code: error?.code, isTransient: error?.is_transient === true })
  if (kind === undefined) return { kind: 'lost', code: `HTTP ${status}` }
  return { kind: 'refused', class: kind, code: error?.code ?? status, ...toRetryAfter(retryAfter) }
}

const toNamed = (outcome: GraphOutcome, findId: (body: unknown) => string | undefined): NamedOutcome => {
  if (outcome.kind !== 'answered') return outcome
  const id = findId(outcome.body)
  // somebody else has answered, such as a proxy with a page of its own
  return id === undefined ? { kind: 'lost', code: 'unreadable-answer' } : { kind: 'named', id }
}

/** Ended by us: Meta took too long, or the agent ends. */
class GivenUp extends Error {
  readonly code: string

  constructor(code: string) {
    super(`The request was given up (${code})`)
    this.code = code
  }
}

/**
 * The Graph API, as far as a messenger needs it. Each request has a connection of its own: one that Meta closes at the
 * moment of its reuse would look like an answer that was lost. Redirects are not followed, so the token goes nowhere else.
 *
 * @see https://developers.facebook.com/documentation/business-messaging/whatsapp/reference/whatsapp-business-phone-number/message-api
 */
export class GraphApi {
  readonly #parts: GraphParts
  readonly #stop = new AbortController()

  constructor(parts: GraphParts) {
    this.#parts = parts
  }

  /** Sends a message. */
  async send({ to, reference, quoted, content }: GraphMessage): Promise<NamedOutcome> {
    const outcome = await this.#post('messages', {
      recipient_type: 'individual',
      // without its plus, the business's own country would be put before it
      ...(isNumber(to) ? { to: `+${to}` } : { recipient: to }),
      ...(quoted === undefined ? {} : { context: { message_id: quoted } }),
      ...(content.kind === 'text'
        ? { type: 'text', text: { preview_url: false, body: content.text } }
        : {
            type: 'document',
            document: { id: content.media, filename: content.fileName, caption: content.caption },
          }),
      biz_opaque_callback_data: reference,
    })
    return toNamed(outcome, (body) => sentAnswer.safeParse(body).data?.messages[0].id)
  }

  /** Uploads a text as a file, to be sent as a document. */
  async upload(text: string, fileName: string): Promise<NamedOutcome> {
    const type = 'text/plain'
    const form = new FormData()
    form.set('messaging_product', 'whatsapp')
    form.set('type', type)
    form.set('file', new Blob([text], { type }), fileName)
    const encoded = new Response(form)
    const outcome = await this.#call({
      method: 'POST',
      edge: '/media',
      type: encoded.headers.get('content-type') ?? '',
      body: new Uint8Array(await encoded.arrayBuffer()),
      answerMsMax: this.#parts.bounds.uploadMsMax,
    })
    return toNamed(outcome, (body) => uploadAnswer.safeParse(body).data?.id)
  }

  /** Marks a message as read, and shows its sender for 25 s that an answer is being written. */
  showTyping(wamid: string): Promise<GraphOutcome> {
    return this.#post('messages', { status: 'read', message_id: wamid, typing_indicator: { type: 'text' } })
  }

  /** Looks whether Meta takes the token for this number. */
  check(): Promise<GraphOutcome> {
    const { answerMsMax } = this.#parts.bounds
    return this.#call({ method: 'GET', edge: '?fields=id', answerMsMax })
  }

  /** Gives up what is under way, and everything from here on. */
  stop(): void {
    this.#stop.abort(new GivenUp('stopped'))
  }

  #post(edge: string, body: Readonly<Record<string, unknown>>): Promise<GraphOutcome> {
    return this.#call({
      method: 'POST',
      edge: `/${edge}`,
      type: 'application/json',
      body: Buffer.from(JSON.stringify({ messaging_product: 'whatsapp', ...body })),
      answerMsMax: this.#parts.bounds.answerMsMax,
    })
  }

  async #call(call: Call): Promise<GraphOutcome> {
    let isConnected = false
    try {
      const answer = await this.#exchange(call, () => {
        isConnected = true
      })
      return toOutcome(answer)
    } catch (error) {
      return { kind: isConnected ? 'lost' : 'unreachable', code: codeOf(error) }
    }
  }

  /** One request and its whole answer. Nothing of the request leaves before `onConnected` is called. */
  #exchange({ method, edge, type, body, answerMsMax }: Call, onConnected: () => void): Promise<Answer> {
    const { url, version, phoneNumberId, accessToken, clock, bounds } = this.#parts
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const target = new URL(`${url.pathname.replace(/\/+$/, '')}/${version}/${phoneNumberId}${edge}`, url)
    const isSecure = target.protocol === 'https:'
    const call = (isSecure ? secureRequest : request)(target, {
      method,
      agent: false,
      signal: this.#stop.signal,
      headers: {
        authorization: `Bearer ${accessToken}`,
        ...(type === undefined ? {} : { 'content-type': type }),
        ...(body === undefined ? {} : { 'content-length': String(body.length) }),
      },
    })
    const giveUp = (code: string) => () => call.destroy(new GivenUp(code))
    let callOff = clock.after(bounds.connectMsMax, giveUp('connect-timeout'))
    call.once('socket', (socket) => {
      socket.once(isSecure ? 'secureConnect' : 'connect', () => {
        onConnected()
        callOff()
        callOff = clock.after(answerMsMax, giveUp('answer-timeout'))
      })
    })
    call.once('response', (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        chunks.push(chunk)
        if (bytes > ANSWER_BYTES_MAX) response.destroy(new GivenUp('answer-too-large'))
      })
      response.on('error', reject)
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          retryAfter: response.headers['retry-after'],
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      )
    })
    call.on('error', reject)
    call.end(body)
    return promise.finally(() => callOff())
  }
}
