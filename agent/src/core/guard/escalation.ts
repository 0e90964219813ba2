import { GUARD_BOUNDS } from './bounds.ts'

/** What is remembered of a sender. */
interface Past {
  readonly suspicion: number
  readonly at: number
  readonly turns: readonly string[]
}

/** Scores below this are everyday; talk about attacks has them, too. */
const NOTICED_SCORE = 0.29
/** Most suspicion that one sender gathers. */
const SUSPICION_MAX = 2
/** How much full suspicion adds to the score of the next message. */
const PRESSURE = 0.15

/**
 * What senders have tried before: suspicion that halves with time, and the
 * last turns. Each sender has their own; of more than the bound the one silent
 * for longest is forgotten. The caller says what time it is; a clock that runs
 * backwards lets nothing decay.
 */
export class Escalation {
  readonly #pasts = new Map<string, Past>()
  readonly #sendersMax: number

  /** @param sendersMax how many senders are remembered */
  constructor(sendersMax: number) {
    this.#sendersMax = sendersMax
  }

  /** How many senders are remembered. */
  get size(): number {
    return this.#pasts.size
  }

  /** The last turns of a sender, the oldest first; none after a long silence. */
  turnsOf(sender: string, now: number): readonly string[] {
    const past = this.#pasts.get(sender)
    return past === undefined || now - past.at > GUARD_BOUNDS.halfLifeMs ? [] : past.turns
  }

  /** What is added to a score that is suspicious in itself, from 0 on. */
  pressureOn(sender: string, score: number, now: number): number {
    return score < NOTICED_SCORE ? 0 : PRESSURE * this.#suspicionOf(sender, now)
  }

  /** Remembers a turn and its score. */
  remember(sender: string, turn: string, score: number, now: number): void {
    const suspicion = this.#suspicionOf(sender, now) + (score < NOTICED_SCORE ? 0 : score)
    const turns = [...this.turnsOf(sender, now), turn.slice(-GUARD_BOUNDS.turnCharsMax)].slice(-GUARD_BOUNDS.turnsMax)
    this.#pasts.delete(sender)
    this.#pasts.set(sender, { suspicion: Math.min(suspicion, SUSPICION_MAX), at: now, turns })
    const [oldest] = this.#pasts.keys()
    if (this.#pasts.size > this.#sendersMax && oldest !== undefined) this.#pasts.delete(oldest)
  }

  /** Forgets a sender. */
  forget(sender: string): void {
    this.#pasts.delete(sender)
  }

  #suspicionOf(sender: string, now: number): number {
    const past = this.#pasts.get(sender)
    if (past === undefined) return 0
    return past.suspicion * 0.5 ** (Math.max(0, now - past.at) / GUARD_BOUNDS.halfLifeMs)
  }
}
