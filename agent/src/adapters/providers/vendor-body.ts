/** What a vendor's error says, whatever its shape. */
export interface VendorWords {
  /** Its codes and types, in lower case, without those that are numbers. */
  readonly words: readonly string[]
  readonly sentence: string
  /** A status that is told in the body: some answer 200 and put it there. */
  readonly status?: number
  /** How long to wait, in the vendor's own writing, such as `20s`. */
  readonly retryDelay?: string
  /** It is the quota of a day that is used up. */
  readonly isDaily: boolean
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Deepest error that is unwrapped: an array around an object around an error is three. */
const DEPTH_MAX = 4

/** The error itself, from the inside of whatever holds it, and what stood beside it. */
const unwrap = (body: unknown, depth = 0): readonly Fields[] => {
  if (depth > DEPTH_MAX) return []
  if (Array.isArray(body)) return unwrap(body[0], depth + 1)
  if (typeof body === 'string') return [{ message: body }]
  if (!isFields(body)) return []
  const { error, detail } = body
  const inner = error ?? (Array.isArray(detail) || isFields(detail) ? { message: detail } : detail)
  return inner === undefined || inner === null ? [body] : [...unwrap(inner, depth + 1), body]
}

const WORD_KEYS = ['code', 'type', 'status', 'errorCode', 'error_type'] as const
const SENTENCE_KEYS = ['message', 'detail', 'title'] as const
/** Most characters of a vendor's sentence that are looked at. */
const SENTENCE_CHARS_MAX = 4_096

const toSentence = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))

const findStatus = (levels: readonly Fields[]): number | undefined =>
  levels
    .flatMap((level) => [level['code'], level['status'], level['raw_status_code']])
    .map((value) => (typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value))
    .find((value): value is number => typeof value === 'number' && value >= 400 && value < 600)

const readDetails = (levels: readonly Fields[]): readonly Fields[] =>
  levels.flatMap((level) => (Array.isArray(level['details']) ? level['details'].filter(isFields) : []))

/**
 * Reads the error of a vendor: `{ error: { … } }` (OpenAI, Anthropic, Groq, OpenRouter), `[{ error: { … } }]` (Google),
 * `{ error: "…" }` (Ollama, xAI), `{ object: "error", message }` (Mistral), `{ message }` (Cohere), `{ detail }` (vLLM),
 * or the inside of any of them, which is what the SDKs hand on.
 */
export const readVendorBody = (body: unknown): VendorWords => {
  const levels = unwrap(body)
  const details = readDetails(levels)
  const words = [
    ...levels.flatMap((level) => WORD_KEYS.map((key) => level[key])),
    ...details.map((each) => each['reason']),
  ]
  const sentences = levels.flatMap((level) => SENTENCE_KEYS.map((key) => level[key]))
  const status = findStatus(levels)
  const retryDelay = details.map((each) => each['retryDelay']).find((each) => typeof each === 'string')
  return {
    words: words
      .filter((word) => typeof word === 'string')
      .map((word) => word.toLowerCase())
      .filter((word) => word !== '' && !/^(?:\d+|error)$/.test(word)),
    sentence: sentences
      .filter((each) => each !== undefined && each !== null)
      .map(toSentence)
      .join(' ')
      .slice(0, SENTENCE_CHARS_MAX),
    ...(status === undefined ? {} : { status }),
    ...(retryDelay === undefined ? {} : { retryDelay }),
    isDaily: /per_?day/i.test(JSON.stringify(details)),
  }
}
