import type { Observe } from './events.ts'
import { type CredentialEnd, type Grant, MASTER_GRANT } from './grant.ts'
import { Lockout } from './lockout.ts'
import type { Clock, Credentials, Verdict } from './ports.ts'

/**
 * What became of a try to log in. `locked` tells how long to wait, in
 * milliseconds; `unavailable` that credentials of this kind cannot be looked
 * at for the moment.
 */
export type LoginOutcome =
  | { readonly kind: 'admitted'; readonly grant: Grant }
  | { readonly kind: 'refused' }
  | { readonly kind: 'ended'; readonly why: CredentialEnd }
  | { readonly kind: 'locked'; readonly waitMs: number }
  | { readonly kind: 'unavailable' }

/** What the door needs. */
export interface LoginParts {
  readonly credentials: Credentials
  readonly clock: Clock
  readonly observe: Observe
}

const ADMITTED: LoginOutcome = { kind: 'admitted', grant: MASTER_GRANT }
const REFUSED: LoginOutcome = { kind: 'refused' }
const UNAVAILABLE: LoginOutcome = { kind: 'unavailable' }

/** The one door of REST callers and agents; wrong credentials of both are counted together. */
export class Login {
  readonly #parts: LoginParts
  readonly #lockout = new Lockout()

  constructor(parts: LoginParts) {
    this.#parts = parts
  }

  /**
   * At once for the shared secret and for a token that was seen before; a
   * promise, which never fails, only where a signature has to be verified.
   * Just forged and mistaken credentials count towards the lock: a token that
   * has ended was right once and tells nobody anything.
   *
   * @param secret what was shown, or undefined when nothing was; that is refused but not counted
   * @param address the key under which the address is counted
   */
  try(secret: string | undefined, address: string): LoginOutcome | Promise<LoginOutcome> {
    const { credentials } = this.#parts
    if (!credentials.isRequired) return ADMITTED
    if (secret === undefined || secret === '') return REFUSED
    const verdict = credentials.check(secret)
    return verdict instanceof Promise
      ? verdict.then((later) => this.#conclude(later, address))
      : this.#conclude(verdict, address)
  }

  /** Why a grant has ended since it was given, or undefined while it holds. */
  findEnd(grant: Grant): CredentialEnd | undefined {
    return grant.kind === 'master' ? undefined : this.#parts.credentials.findEnd(grant)
  }

  /** Forgets addresses whose failures are old. */
  sweep(): void {
    this.#lockout.sweep(this.#parts.clock.now())
  }

  #conclude(verdict: Verdict, address: string): LoginOutcome {
    const { clock, observe } = this.#parts
    switch (verdict.kind) {
      case 'right':
        return verdict.grant === MASTER_GRANT ? ADMITTED : { kind: 'admitted', grant: verdict.grant }
      case 'ended': {
        const { id: jti, name } = verdict.grant
        observe({ type: 'login.ended', address, jti, name, why: verdict.why })
        return { kind: 'ended', why: verdict.why }
      }
      case 'unavailable':
        return UNAVAILABLE
      case 'wrong': {
        const waitMs = this.#lockout.recordFailure(address, clock.now())
        observe({ type: 'login.failed', address, locked: waitMs > 0 })
        return waitMs > 0 ? { kind: 'locked', waitMs } : REFUSED
      }
      default:
        return verdict satisfies never
    }
  }
}
