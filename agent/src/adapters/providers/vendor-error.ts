import type { ProviderErrorKind, Usage } from '../../core/events.ts'
import { ProviderError } from '../../core/failures.ts'
import { readRetryAfterMs } from './retry-after.ts'
import { speaksOfTools, TOOL_SLIP, ToolRefusal } from './tool-refusal.ts'
import { readVendorBody, type VendorWords } from './vendor-body.ts'

/** What a vendor says about a failure. */
export interface VendorFacts {
  /** Of the answer; absent for an error inside a stream. */
  readonly status?: number | undefined
  /** The error as it came, in any shape. */
  readonly body?: unknown
  readonly headers?: Headers | undefined
  readonly usage?: Usage | undefined
}

/**
 * A kind; or `model`, a model that is not there for us, and `shape`, a request that this one does not take: of neither
 * can be said that another would refuse it.
 */
type Verdict = ProviderErrorKind | 'model' | 'shape'

type Rule = readonly [RegExp, Verdict]

/** Words of the vendors, before their statuses: a 429 may be an empty account, a 400 a prompt that is too long. */
const BY_WORD: readonly Rule[] = [
  [/insufficient_(?:quota|balance|credit)|billing|payment_required|blocked_api_access|account_deactivated/, 'auth'],
  [/context_length_exceeded|request_too_large|string_above_max_length/, 'context'],
  [/content_?filter|content_policy|moderation|safety|responsibleaipolicy|prohibited_content|data_inspection/, 'policy'],
  [
    /model_?(?:not_?found|decommissioned|not_available|not_supported)|(?:unknown|invalid|unsupported|unavailable)_model/,
    'model',
  ],
  [/unsupported_(?:parameter|value)|unknown_parameter|extra_forbidden/, 'shape'],
  [/authentication|permission[_-]|unauthenticated|unauthorized|(?:invalid|incorrect)_api_?key|api_key_invalid/, 'auth'],
  [/rate_?limit|too_?many_?requests|resource_exhausted/, 'rate-limit'],
  [
    /overloaded|server_error|api_error|^internal|unavailable|capacity_exceeded|insufficient_system_resource/,
    'overload',
  ],
  [/timeout|deadline_exceeded/, 'timeout'],
  [/not_found/, 'model'],
]

const BY_STATUS: Readonly<Record<number, Verdict>> = {
  401: 'auth',
  402: 'auth',
  403: 'auth',
  404: 'model',
  405: 'shape',
  408: 'timeout',
  409: 'overload',
  410: 'model',
  413: 'context',
  415: 'shape',
  425: 'overload',
  429: 'rate-limit',
  451: 'policy',
}

/** Waiting helps against none of these, though some call them a rate limit. */
const TOO_LARGE =
  /^request too large|prompt is too long|context (?:length|window|limit|size)|maximum context|too many (?:input )?tokens|input is too long|input token count|reduce the length/i

const BILLING =
  /credit balance|(?:insufficient|not enough) (?:balance|funds|credit|quota)|(?:out of|any|available) credits|spending limit|exceeded your current quota|(?:billing|payment) (?:details|method|issue)|calls ?\/ ?month/i

/** Only the vendor's sentence tells these from any other refused request. */
const BY_SENTENCE: readonly Rule[] = [
  [TOO_LARGE, 'context'],
  [
    /content (?:filter|policy|management|exists risk)|violates? .{0,60}(?:polic|guideline)|requires moderation|flagged/i,
    'policy',
  ],
  [/(?:incorrect|invalid|wrong|missing) api.?key|api.?key (?:not valid|is invalid|expired)/i, 'auth'],
  [
    /(?:unknown|invalid|unsupported) model|\bmodels?\b.{0,120}(?:not found|(?:does )?not exist|decommissioned|deprecated|not supported|not available|retired)/i,
    'model',
  ],
  [
    /extra inputs are not permitted|(?:is|are) not supported|does not support|unsupported (?:parameter|value)/i,
    'shape',
  ],
]

const findBySentence = (sentence: string, status: number | undefined): Verdict | undefined => {
  if (status !== undefined && (status >= 500 || status === 408)) return undefined
  if (status === 429) return /^request too large/i.test(sentence) ? 'context' : undefined
  return BY_SENTENCE.find(([pattern]) => pattern.test(sentence))?.[1]
}

const toKind = ({ words, sentence }: VendorWords, status: number | undefined): Verdict => {
  if (status === 413) return 'context'
  if (status === 401 || status === 402) return 'auth'
  // Google writes of quota and billing where it means requests per minute
  const isGoogleLimit = words.includes('resource_exhausted')
  if (!isGoogleLimit && (status === undefined || status < 500) && BILLING.test(sentence)) return 'auth'
  const bySentence = findBySentence(sentence, status)
  if (bySentence !== undefined) return bySentence
  // Mistral calls a lack of its own servers an invalid request
  if (/capacity exceeded|overloaded/i.test(sentence)) return 'overload'
  const byWord = BY_WORD.find(([pattern]) => words.some((word) => pattern.test(word)))?.[1]
  if (byWord !== undefined) return byWord
  if (status === undefined && /rate limit|too many requests/i.test(sentence)) return 'rate-limit'
  if (status === undefined) return words.some((word) => word.startsWith('invalid')) ? 'invalid' : 'overload'
  return status >= 500 ? 'overload' : (BY_STATUS[status] ?? 'invalid')
}

/** A vendor's word that may be told: short, and nothing but a word. */
const WORD = /^[a-z0-9_.:-]{1,64}$/

/** Codes are words; a run of many digits and letters is somebody's secret that was put in their place. */
const looksLikeKey = (word: string): boolean =>
  /^(?:sk|gsk|xai|pplx|nvapi|ghp|github_pat|aiza)[-_]/.test(word) || /(?=[a-z0-9]*\d)[a-z0-9]{20,}/.test(word)

/** A vendor's failure as ours: its kind is decided here, once, and its own words stay behind, since they may be a key. */
export const toProviderError = (facts: VendorFacts, now: number): ProviderError => {
  const said = readVendorBody(facts.body)
  const status = facts.status === undefined || facts.status < 400 ? said.status : facts.status
  const found = toKind(said, status)
  const kind = found === 'model' ? 'auth' : found === 'shape' ? 'invalid' : found
  const isOfTools = (found === 'model' || found === 'shape' || found === 'invalid') && speaksOfTools(said)
  const told = {
    status: status ?? facts.status,
    vendorCode: said.words.find((word) => WORD.test(word) && !looksLikeKey(word)),
    retryAfterMs: readRetryAfterMs(facts.headers, now, kind === 'rate-limit' ? said : undefined),
    isModelSpecific: found === 'model' || found === 'shape' || isOfTools,
    usage: facts.usage,
  }
  return isOfTools ? new ToolRefusal(!said.words.includes(TOOL_SLIP), kind, told) : new ProviderError(kind, told)
}
