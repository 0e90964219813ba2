import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { request as secureRequest } from 'node:https'
import { within } from './within.ts'

/** What a call may carry besides method and path. */
export interface CallOptions {
  readonly headers?: Readonly<Record<string, string | string[]>>
  /** Sent as it is when it is text or bytes, else as JSON with its content type. */
  readonly body?: unknown
  readonly signal?: AbortSignal
  /** Certificate to trust. */
  readonly ca?: string
  readonly limitMs?: number
}

/** An answer, read to its end. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The parsed JSON, or null when it is none. */
  readonly body: { readonly [member: string]: unknown } | null
}

const parse = (text: string): Answer['body'] => {
  if (!text.startsWith('{')) return null
  const value: Record<string, unknown> = JSON.parse(text)
  return value
}

const readText = async (response: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** One HTTP request on a connection of its own. Everything about it may be wrong: nothing is checked or corrected. */
export const httpCall = (method: string, url: string, options: CallOptions = {}): Promise<Answer> => {
  const { body, signal, ca } = options
  const isRaw = body === undefined || typeof body === 'string' || body instanceof Uint8Array
  const bytes = isRaw ? body : JSON.stringify(body)
  const headers = {
    ...(isRaw ? {} : { 'content-type': 'application/json' }),
    ...(bytes === undefined ? {} : { 'content-length': String(Buffer.byteLength(bytes)) }),
    ...options.headers,
  }
  const answer = new Promise<Answer>((resolve, reject) => {
    const settings = { method, headers, agent: false, ...(signal && { signal }), ...(ca === undefined ? {} : { ca }) }
    const call = url.startsWith('https:') ? secureRequest(url, settings) : request(url, settings)
    call.on('error', reject)
    call.on('response', (response) => {
      readText(response).then((text) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parse(text) })
      }, reject)
    })
    call.end(bytes)
  })
  return within(answer, `an answer to ${method} ${url}`, options.limitMs)
}
