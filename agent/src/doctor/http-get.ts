import { describeProblem } from '../adapters/hub/connect-problem.ts'
import type { Clock } from '../core/ports.ts'

/** An answer to a GET, or in a sentence why there is none. */
export type Got =
  | {
      readonly ok: true
      readonly status: number
      readonly headers: Headers
      readonly body: unknown
      readonly tookMs: number
    }
  | { readonly ok: false; readonly why: string; readonly tookMs: number }

/** How something is fetched. */
export interface GetOptions {
  readonly clock: Clock
  readonly waitMs: number
  readonly headers?: Readonly<Record<string, string>>
}

/** Most characters of an answer that are read; whoever sends more is not whom we look for. */
const BODY_CHARS_MAX = 4_194_304

const readText = async (response: Response): Promise<string> => {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > BODY_CHARS_MAX) break
  }
  return text
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    // no JSON: whoever asked sees that it is nothing it knows
    return undefined
  }
}

const explain = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error ? describeProblem(cause) : 'it failed'
}

/** Gets a JSON document without following redirects, in bounded time and size. */
export const get = async (url: URL, { clock, waitMs, headers = {} }: GetOptions): Promise<Got> => {
  const abort = new AbortController()
  const callOff = clock.after(waitMs, () => abort.abort())
  const startedAt = clock.now()
  const took = () => clock.now() - startedAt
  try {
    const response = await fetch(url, { redirect: 'manual', signal: abort.signal, headers })
    const tookMs = took()
    return {
      ok: true,
      status: response.status,
      headers: response.headers,
      body: parse(await readText(response)),
      tookMs,
    }
  } catch (error) {
    const why = abort.signal.aborted ? `there was no answer within ${waitMs / 1_000} s` : explain(error)
    return { ok: false, why, tookMs: took() }
  } finally {
    callOff()
  }
}
