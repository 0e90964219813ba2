const FAILURES_MAX = 10
const WINDOW_MS = 60_000
const LOCK_MS = 60_000
/** Addresses remembered at once; the longest untouched one is forgotten for a new one. */
const ADDRESSES_MAX = 10_000

interface Failures {
  /** When the last failures happened, oldest first; never more than lock the address. */
  times: number[]
  lockedUntil: number
}

/**
 * Counts wrong credentials per address. After ten within a minute the address
 * is locked for a minute: further wrong ones are told to wait. Right
 * credentials are never asked about, so nobody behind a shared address can be
 * locked out by a neighbour.
 */
export class Lockout {
  readonly #failures = new Map<string, Failures>()

  /** Milliseconds that a wrong credential from this address must wait, 0 while the address is not locked. */
  waitMs(address: string, now: number): number {
    return Math.max(0, (this.#failures.get(address)?.lockedUntil ?? 0) - now)
  }

  /** Counts a wrong credential; answers as {@link waitMs} did before it was counted. */
  recordFailure(address: string, now: number): number {
    const waitMs = this.waitMs(address, now)
    if (waitMs > 0) return waitMs
    const recent = (this.#failures.get(address)?.times ?? []).filter((at) => now - at < WINDOW_MS)
    recent.push(now)
    const isLocked = recent.length >= FAILURES_MAX
    const failures: Failures = isLocked ? { times: [], lockedUntil: now + LOCK_MS } : { times: recent, lockedUntil: 0 }
    this.#failures.delete(address)
    this.#failures.set(address, failures)
    const [oldest] = this.#failures.keys()
    if (this.#failures.size > ADDRESSES_MAX && oldest !== undefined) this.#failures.delete(oldest)
    return 0
  }

  /** Forgets the addresses whose window and lock are over. */
  sweep(now: number): void {
    for (const [address, failures] of this.#failures) {
      const lastAt = failures.times.at(-1) ?? Number.NEGATIVE_INFINITY
      if (failures.lockedUntil <= now && now - lastAt >= WINDOW_MS) this.#failures.delete(address)
    }
  }
}
