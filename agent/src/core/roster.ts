import { AWAKE, admit, afterAnswer, afterFailure, afterNothing, type Breaker, type Ticket } from './breaker.ts'
import type { Observe, ProviderErrorKind } from './events.ts'
import type { ProviderError } from './failures.ts'
import type { Clock, Provider } from './ports.ts'

/** A provider in its place in the chain, and what is known of it. */
export interface Seat {
  readonly provider: Provider
  breaker: Breaker
  answered: number
  /** How often it failed since the start, by kind. */
  readonly failed: Map<ProviderErrorKind, number>
  lastFailure: { readonly kind: ProviderErrorKind; readonly at: number } | undefined
}

/** Whom to ask, and by which right. */
export interface Admission {
  readonly seat: Seat
  readonly ticket: Ticket
}

/** What a roster is made of. */
export interface RosterParts {
  readonly providers: readonly Provider[]
  readonly clock: Clock
  readonly observe: Observe
  /** In [0, 1), as `Math.random` gives. */
  readonly random: () => number
}

/** When somebody who may not be asked is due, for choosing among those. */
const dueAt = ({ breaker }: Seat): number => {
  switch (breaker.name) {
    case 'awake':
      return 0
    case 'resting':
      return breaker.until
    case 'probing':
      // its probe is under way, so nobody is due later
      return Number.POSITIVE_INFINITY
  }
}

const hasSameKey = ({ provider: one }: Seat, { provider: other }: Seat): boolean =>
  one.name === other.name && one.keyId === other.keyId

/** The chain of providers, who of them rests, and what they have done since the start. All tasks share it. */
export class Roster {
  readonly #parts: RosterParts
  readonly seats: readonly Seat[]

  constructor(parts: RosterParts) {
    this.#parts = parts
    this.seats = parts.providers.map((provider) => ({
      provider,
      breaker: AWAKE,
      answered: 0,
      failed: new Map(),
      lastFailure: undefined,
    }))
  }

  /**
   * The first in the chain who may be asked and was not asked for this task. When all of them rest, the one that is due
   * first: a task is not failed for nothing, so a chain of one never rests.
   */
  admitNext(tried: ReadonlySet<Seat>): Admission | undefined {
    const now = this.#parts.clock.now()
    for (const seat of this.seats) {
      if (tried.has(seat)) continue
      const { ticket, next } = admit(seat.breaker, now)
      seat.breaker = next
      if (ticket !== undefined) return { seat, ticket }
    }
    if (tried.size > 0) return undefined
    const [first] = [...this.seats].sort((one, other) => dueAt(one) - dueAt(other))
    return first && { seat: first, ticket: 'force' }
  }

  /** How many could still be asked for a task if everybody before them fails. */
  countOthers(tried: ReadonlySet<Seat>): number {
    const now = this.#parts.clock.now()
    return this.seats.filter((seat) => !tried.has(seat) && admit(seat.breaker, now).ticket !== undefined).length
  }

  /** Takes note of an answer. */
  noteAnswer({ seat, ticket }: Admission): void {
    seat.answered += 1
    this.#turn(seat, afterAnswer(seat.breaker, ticket))
  }

  /**
   * Takes note of a failure. A key that is refused rests in every seat that has it.
   *
   * @param isTelling false for one that says nothing of the provider: it is counted, and nobody rests for it
   */
  noteFailure(admission: Admission, error: ProviderError, isTelling = true): void {
    const { seat, ticket } = admission
    const now = this.#parts.clock.now()
    const { kind, isModelSpecific } = error
    seat.failed.set(kind, (seat.failed.get(kind) ?? 0) + 1)
    seat.lastFailure = { kind, at: now }
    if (!isTelling) {
      this.noteNothing(admission)
      return
    }
    const jitter = this.#parts.random()
    this.#turn(seat, afterFailure(seat.breaker, ticket, error, now, jitter))
    if (kind !== 'auth' || isModelSpecific) return
    for (const other of this.seats) {
      if (other === seat || !hasSameKey(other, seat)) continue
      this.#turn(other, afterFailure(other.breaker, 'force', error, now, jitter))
    }
  }

  /** Takes note of an attempt that says nothing of the provider. */
  noteNothing({ seat, ticket }: Admission): void {
    seat.breaker = afterNothing(seat.breaker, ticket, this.#parts.clock.now())
  }

  #turn(seat: Seat, next: Breaker): void {
    const before = seat.breaker
    seat.breaker = next
    const { name: provider, model } = seat.provider
    if (next.name === 'awake' && before.name !== 'awake') {
      this.#parts.observe({ type: 'provider.awake', provider, model })
    } else if (next.name === 'resting' && next !== before && next.until > this.#parts.clock.now()) {
      const restMs = next.until - this.#parts.clock.now()
      this.#parts.observe({ type: 'provider.resting', provider, model, why: next.why, restMs })
    }
  }
}
