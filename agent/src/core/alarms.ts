import type { CallOff, Clock } from './ports.ts'

/** Calls `act` again and again, `everyMs` milliseconds apart, until called off. */
export const repeat = (clock: Clock, everyMs: number, act: () => void): CallOff => {
  let callOff = clock.after(everyMs, next)
  function next() {
    callOff = clock.after(everyMs, next)
    act()
  }
  return () => callOff()
}

/** Resolves after `delayMs` milliseconds, or as soon as the signal is aborted. */
export const pause = (clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const callOff = clock.after(signal.aborted ? 0 : delayMs, done)
    function done() {
      callOff()
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done, { once: true })
  })
