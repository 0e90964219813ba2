import type { Observe } from './events.ts'
import { Lockout } from './lockout.ts'
import type { Clock, Credentials } from './ports.ts'

/** What became of a try to log in. `locked` tells how long to wait, in milliseconds. */
export type LoginOutcome =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'locked'; readonly waitMs: number }

/** What the door needs. */
export interface LoginParts {
  readonly credentials: Credentials
  readonly clock: Clock
  readonly observe: Observe
}

const ADMITTED: LoginOutcome = { kind: 'admitted' }
const REFUSED: LoginOutcome = { kind: 'refused' }

/** The one door of REST callers and agents; wrong credentials of both are counted together. */
export class Login {
  readonly #parts: LoginParts
  readonly #lockout = new Lockout()

  constructor(parts: LoginParts) {
    this.#parts = parts
  }

  /**
   * @param secret what was shown, or undefined when nothing was; that is refused but not counted
   * @param address the key under which the address is counted
   */
  try(secret: string | undefined, address: string): LoginOutcome {
    const { credentials, clock, observe } = this.#parts
    if (!credentials.isRequired) return ADMITTED
    if (secret === undefined || secret === '') return REFUSED
    if (credentials.isRight(secret)) return ADMITTED
    const waitMs = this.#lockout.recordFailure(address, clock.now())
    observe({ type: 'login.failed', address, locked: waitMs > 0 })
    return waitMs > 0 ? { kind: 'locked', waitMs } : REFUSED
  }

  /** Forgets addresses whose failures are old. */
  sweep(): void {
    this.#lockout.sweep(this.#parts.clock.now())
  }
}
