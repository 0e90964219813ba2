import { fullJitterMs } from '@ai-comms/shared'
import type { HubCallError } from '../hub-calls.ts'
import type { Clock } from '../ports.ts'

/** Waits between two tries of a call, in milliseconds. */
const BACKOFF = { baseMs: 500, capMs: 15_000 }

/** How long to wait after the n-th failure of a call, in milliseconds: at least as long as the hub asks for. */
export const toWaitMs = (error: HubCallError, failures: number, random: number): number =>
  (error.retryAfterMs ?? 0) + fullJitterMs(failures, BACKOFF, random)

/** Waits, or until a signal aborts. */
export const pause = (clock: Clock, ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = () => {
      callOff()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const callOff = clock.after(ms, end)
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()
  })

/** A signal that aborts at a time, or when one of the others does; disposing lets go of its alarm. */
export const abortAfter = (clock: Clock, ms: number, signals: readonly AbortSignal[]) => {
  const abort = new AbortController()
  const callOff = clock.after(ms, () => abort.abort())
  return { signal: AbortSignal.any([abort.signal, ...signals]), [Symbol.dispose]: callOff }
}

/** Resolves when a signal aborts; disposing forgets about it. */
export const whenAborted = (signal: AbortSignal) => {
  const aborted = Promise.withResolvers<undefined>()
  const end = () => aborted.resolve(undefined)
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  return { promise: aborted.promise, [Symbol.dispose]: () => signal.removeEventListener('abort', end) }
}
