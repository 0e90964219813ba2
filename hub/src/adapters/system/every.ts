/** Calls `act` every `periodMs` until the returned function is called; the timer alone keeps no process alive. */
export const every = (periodMs: number, act: () => void): (() => void) => {
  const timer = setInterval(act, periodMs)
  timer.unref()
  return () => clearInterval(timer)
}
