import type { ProviderErrorKind, Usage } from './events.ts'

/** A failure of the work that the asker may read. Anything else that is thrown is a bug and stays in the log. */
export class TaskError extends Error {
  override readonly name = 'TaskError'
  readonly code: string
  readonly retryable: boolean

  /**
   * @param sentence shown to the asker
   * @param options `code` of at most 64 characters (`rejected` says that the agent will not do it); `retryable` when the
   *   same task may succeed later
   */
  constructor(
    sentence: string,
    options: { readonly code?: string; readonly retryable?: boolean; readonly cause?: unknown } = {},
  ) {
    super(sentence, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code ?? 'agent_error'
    this.retryable = options.retryable ?? false
  }
}

/** What came of a performer's work: its answer, or why there is none, whatever was returned or thrown. */
export const toOutcome = (work: Promise<string>): Promise<string | Error> =>
  work.then(
    (response) => (typeof response === 'string' ? response : new TypeError('The answer of a task must be a string')),
    (error: unknown) =>
      error instanceof Error ? error : new Error('Something that is no Error was thrown', { cause: error }),
  )

/** The agent cannot start; the message is one sentence for whoever runs it, and says what to do. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** What the system, or SQLite, calls an error, such as `ENOENT`. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'failed'

/** The storage does not serve at the moment: a full or read-only disk, a damaged file, somebody else's lock on it. */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  /** The storage's own word for it, such as `SQLITE_FULL`. */
  readonly code: string

  constructor(code: string, cause?: unknown) {
    super(`The storage does not serve (${code})`, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

/** A provider's failure. Its message is ours, and the vendor's own is nowhere in it, since vendors repeat keys in theirs. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError'
  readonly kind: ProviderErrorKind
  readonly status?: number
  readonly vendorCode?: string
  readonly retryAfterMs?: number
  /** Whether it speaks of this model only: another provider may do what it refuses. */
  readonly isModelSpecific: boolean
  /** What the attempt has cost all the same, where the vendor says it. */
  readonly usage?: Usage

  constructor(
    kind: ProviderErrorKind,
    facts: {
      readonly status?: number | undefined
      readonly vendorCode?: string | undefined
      readonly retryAfterMs?: number | undefined
      readonly isModelSpecific?: boolean | undefined
      readonly usage?: Usage | undefined
    } = {},
  ) {
    super(`The provider gave no answer (${kind})`)
    this.kind = kind
    if (facts.status !== undefined) this.status = facts.status
    if (facts.vendorCode !== undefined) this.vendorCode = facts.vendorCode
    if (facts.retryAfterMs !== undefined) this.retryAfterMs = facts.retryAfterMs
    this.isModelSpecific = facts.isModelSpecific ?? false
    if (facts.usage !== undefined) this.usage = facts.usage
  }
}
