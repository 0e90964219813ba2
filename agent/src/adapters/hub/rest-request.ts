import { type IncomingMessage, request } from 'node:http'
import { request as secureRequest } from 'node:https'
import { HubCallError } from '../../core/hub-calls.ts'
import type { Clock } from '../../core/ports.ts'
import { describeProblem } from './connect-problem.ts'

/** One HTTP request to the hub. */
export interface RestRequest {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
  /** Longest wait for the head of the answer, in milliseconds. */
  readonly headMsMax: number
  readonly clock: Clock
}

/** Codes of failures before a byte was sent: whoever listens there has seen nothing of the request. */
const UNSENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EPROTO'])

/** The failure of a line, as the caller sees it. What Node says may hold a URL, never a header. */
export const toLineError = (error: unknown, signal: AbortSignal | undefined): HubCallError => {
  if (error instanceof HubCallError) return error
  if (signal?.aborted) return new HubCallError('canceled', 'The call was given up.', { cause: error })
  if (!(error instanceof Error)) {
    return new HubCallError('no_answer', 'The connection to the hub failed.', { isPassing: true, cause: error })
  }
  const inner = error instanceof AggregateError ? error.errors[0] : error
  const isUnsent = 'code' in inner && UNSENT.has(String(inner.code))
  const sentence = `The hub cannot be reached: ${describeProblem(error)}`
  return new HubCallError(isUnsent ? 'unreachable' : 'no_answer', /[.?!]$/.test(sentence) ? sentence : `${sentence}.`, {
    isPassing: true,
    cause: error,
  })
}

/**
 * Sends a request and resolves with the head of its answer; the body is still to be read, and `destroy` lets go of the
 * line. It is Node's own client rather than `fetch`, which gives every answer up after five minutes and refuses ports
 * that the link takes. No connection is kept: one that the hub closes at the moment of its reuse would look like an
 * answer that was lost. Redirects are not followed, so the credential goes nowhere else.
 *
 * @throws {HubCallError} `unreachable`, `no_answer` or `canceled`
 */
export const sendRequest = async (parts: RestRequest): Promise<IncomingMessage> => {
  const { method, url, headers, body, signal, headMsMax, clock } = parts
  const text = body === undefined ? undefined : JSON.stringify(body)
  const late = Promise.withResolvers<never>()
  const callOff = clock.after(headMsMax, () =>
    late.reject(
      new HubCallError('no_answer', `The hub did not answer within ${headMsMax / 1_000} s.`, { isPassing: true }),
    ),
  )
  const call = (url.protocol === 'https:' ? secureRequest : request)(url, {
    method,
    agent: false,
    ...(signal === undefined ? {} : { signal }),
    headers: {
      ...headers,
      ...(text === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
    },
  })
  const head = new Promise<IncomingMessage>((resolve, reject) => {
    call.once('response', resolve).on('error', reject)
  })
  call.end(text)
  try {
    return await Promise.race([head, late.promise])
  } catch (error) {
    call.destroy()
    throw toLineError(error, signal)
  } finally {
    callOff()
  }
}

/** Reads a whole body. @throws {HubCallError} when the line breaks, it comes too slowly, or it is larger than it may be */
export const readText = async (
  answer: IncomingMessage,
  { signal, clock, bytesMax, bodyMsMax }: TextBounds,
): Promise<string> => {
  const callOff = clock.after(bodyMsMax, () => {
    answer.destroy(new HubCallError('no_answer', 'The hub stopped in the middle of its answer.', { isPassing: true }))
  })
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of answer) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > bytesMax) throw new HubCallError('bad_answer', `The answer is larger than ${bytesMax} bytes.`)
    }
    return Buffer.concat(chunks).toString('utf8')
  } catch (error) {
    throw toLineError(error, signal)
  } finally {
    callOff()
  }
}

/** How long and large a body may be. */
export interface TextBounds {
  readonly signal?: AbortSignal | undefined
  readonly clock: Clock
  readonly bytesMax: number
  readonly bodyMsMax: number
}
