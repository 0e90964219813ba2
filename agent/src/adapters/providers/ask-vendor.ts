import type { Usage } from '../../core/events.ts'
import type { Clock, Completion, CompletionOptions } from '../../core/ports.ts'
import type { ProviderSettings } from './catalog.ts'
import { PATIENCE_BOUNDS, Patience } from './patience.ts'
import { readSdkError, type SdkErrors } from './sdk-error.ts'
import { toProviderError } from './vendor-error.ts'
import { isErrorBody, readWhole } from './whole-answer.ts'

/** Longest time that an SDK takes, in milliseconds: ours are the bounds that count. */
export const SDK_TIMEOUT_MS = 2_147_483_647

/** Puts an answer together, from the pieces of a stream or from one whole. */
export interface VendorAnswer<Piece> {
  /** What the attempt has cost, as far as it is known. */
  readonly usage: Usage | undefined
  /** Takes a piece of a stream. Tells whether it held a token, of the answer or of thoughts. */
  take(piece: Piece): boolean
  /** Takes the answer of a server that does not stream. */
  takeWhole(whole: unknown): void
  /** @throws {ProviderError} when it is no whole answer */
  complete(): Completion
}

/** A question to a vendor, whichever SDK sends it. */
export interface VendorQuestion<Piece> {
  readonly settings: ProviderSettings
  readonly clock: Clock
  readonly options: CompletionOptions
  readonly errors: SdkErrors
  readonly answer: VendorAnswer<Piece>
  /** Sends the request; resolves when the headers of its answer are there. */
  send(signal: AbortSignal): Promise<{ readonly data: AsyncIterable<Piece>; readonly response: Response }>
}

/**
 * Asks a vendor within the bounds of patience, and reads its answer in whichever form it comes.
 *
 * @throws {ProviderError} when there is no whole answer
 */
export const askVendor = async <Piece>(question: VendorQuestion<Piece>): Promise<Completion> => {
  const { settings, clock, options, errors, answer } = question
  const { row, patience: bounds = PATIENCE_BOUNDS } = settings
  const patience = new Patience(options, clock, bounds, row.headersComeLate !== true)
  try {
    await read(question, patience)
    // an SDK ends the stream quietly when the request was aborted
    const ended = patience.findError()
    if (ended) throw ended
    return answer.complete()
  } catch (error) {
    throw patience.findError() ?? readSdkError(error, errors, clock.now(), answer.usage)
  } finally {
    patience.end()
  }
}

const read = async <Piece>({ send, answer, clock }: VendorQuestion<Piece>, patience: Patience): Promise<void> => {
  const { data: stream, response } = await send(patience.signal)
  patience.connected()
  const whole = await readWhole(response)
  if (whole !== undefined) {
    const { status, headers } = response
    if (isErrorBody(whole)) throw toProviderError({ status, headers, body: whole }, clock.now())
    answer.takeWhole(whole)
    return
  }
  for await (const piece of stream) {
    if (answer.take(piece)) patience.heard()
  }
}
