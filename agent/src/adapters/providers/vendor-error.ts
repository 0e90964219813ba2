import type { ProviderErrorKind } from '../../core/events.ts'
import { ProviderError } from '../../core/failures.ts'

/** What a vendor says about a failure, in the members that both SDKs have. */
export interface VendorFacts {
  readonly status?: number | undefined
  readonly code?: string | null | undefined
  readonly type?: string | null | undefined
  readonly message?: string | undefined
  readonly headers?: Headers | undefined
  readonly cause?: unknown
}

/** Longest wait that is taken from a vendor, in milliseconds: an hour. */
const RETRY_AFTER_MS_MAX = 3_600_000

/** Words of the vendors, before their statuses: a 429 may be an empty account, a 400 a prompt that is too long. */
const BY_WORD: readonly (readonly [RegExp, ProviderErrorKind])[] = [
  [
    /insufficient_quota|billing|authentication_error|permission_error|invalid_api_key|model_not_found|not_found_error/,
    'auth',
  ],
  [/context_length_exceeded|request_too_large/, 'context'],
  [/content_filter|content_policy|moderation/, 'policy'],
  [/rate_limit/, 'rate-limit'],
  [/overloaded|server_error|api_error/, 'overload'],
  [/timeout/, 'timeout'],
  [/invalid_request_error/, 'invalid'],
]

const BY_STATUS: Readonly<Record<number, ProviderErrorKind>> = {
  401: 'auth',
  402: 'auth',
  403: 'auth',
  404: 'auth',
  408: 'timeout',
  409: 'overload',
  413: 'context',
  425: 'overload',
  429: 'rate-limit',
}

/** Only the vendor's sentence tells these from any other invalid request. */
const BY_SENTENCE: readonly (readonly [RegExp, ProviderErrorKind])[] = [
  [/prompt is too long|context (?:length|window)|maximum context|too many tokens/i, 'context'],
  [/content (?:filter|policy|management)/i, 'policy'],
]

const toKind = ({ status, code, type, message }: VendorFacts): ProviderErrorKind => {
  const isRefusedRequest = status === undefined || status === 400 || status === 422
  const sentence = isRefusedRequest ? BY_SENTENCE.find(([pattern]) => pattern.test(message ?? '')) : undefined
  if (sentence) return sentence[1]
  const word = [code, type].find((each) => typeof each === 'string' && BY_WORD.some(([pattern]) => pattern.test(each)))
  const byWord = BY_WORD.find(([pattern]) => typeof word === 'string' && pattern.test(word))?.[1]
  if (byWord !== undefined) return byWord
  if (status === undefined || status >= 500) return 'overload'
  return BY_STATUS[status] ?? 'invalid'
}

/**
 * The wait that a vendor asks for, in milliseconds from `now`, whichever way it says it.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export const readRetryAfterMs = (headers: Headers | undefined, now: number): number | undefined => {
  const exact = Number(headers?.get('retry-after-ms') ?? Number.NaN)
  const text = headers?.get('retry-after') ?? ''
  const waitMs = [exact, text === '' ? Number.NaN : Number(text) * 1_000, Date.parse(text) - now].find(
    (each) => Number.isFinite(each) && each >= 0,
  )
  return waitMs === undefined ? undefined : Math.min(Math.ceil(waitMs), RETRY_AFTER_MS_MAX)
}

/** A vendor's failure as ours: its kind is decided here, once, and its own words stay behind. */
export const toProviderError = (facts: VendorFacts, now: number): ProviderError =>
  new ProviderError(toKind(facts), {
    status: facts.status,
    vendorCode: facts.code ?? facts.type ?? undefined,
    retryAfterMs: readRetryAfterMs(facts.headers, now),
    cause: facts.cause,
  })
