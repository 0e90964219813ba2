import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { request as secureRequest } from 'node:https'
import { describeProblem } from '../adapters/hub/connect-problem.ts'
import { findJsonValue } from '../core/json-value.ts'
import type { Clock } from '../core/ports.ts'

/** An answer to a GET, or in a sentence why there is none. */
export type Got =
  | {
      readonly ok: true
      readonly status: number
      readonly headers: IncomingHttpHeaders
      /** Undefined when it is no JSON. */
      readonly body: unknown
      /** Until the head of the answer, in milliseconds. */
      readonly tookMs: number
    }
  | { readonly ok: false; readonly why: string }

/** How something is fetched. */
export interface GetOptions {
  readonly clock: Clock
  readonly waitMs: number
  readonly headers?: Readonly<Record<string, string>>
}

/** Most bytes of an answer that are read; whoever sends more is not whom we look for. */
const BODY_BYTES_MAX = 4_194_304

/** `fetch` would refuse some ports that the link takes, and could not be told to let go of its connection. */
const ask = (url: URL, headers: GetOptions['headers'], signal: AbortSignal): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const open = url.protocol === 'https:' ? secureRequest : request
    open(url, { agent: false, signal, headers: { ...headers } })
      .once('response', resolve)
      .on('error', reject)
      .end()
  })

const readText = async (answer: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > BODY_BYTES_MAX) break
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Gets a JSON document without following redirects, in bounded time and size. */
export const get = async (url: URL, { clock, waitMs, headers }: GetOptions): Promise<Got> => {
  const abort = new AbortController()
  const callOff = clock.after(waitMs, () => abort.abort())
  const startedAt = clock.now()
  try {
    const answer = await ask(url, headers, abort.signal)
    const tookMs = clock.now() - startedAt
    const body = findJsonValue(await readText(answer))
    return { ok: true, status: answer.statusCode ?? 0, headers: answer.headers, body, tookMs }
  } catch (error) {
    if (abort.signal.aborted) return { ok: false, why: `there was no answer within ${waitMs / 1_000} s` }
    return { ok: false, why: error instanceof Error ? describeProblem(error) : 'it failed' }
  } finally {
    callOff()
  }
}
