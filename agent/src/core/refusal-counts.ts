import type { AgentEvent, Observe } from './events.ts'

/** Counts what was refused and what the guard has stopped since the start, and passes every event on. */
export class RefusalCounts {
  #refused = 0
  #blocked = 0

  get refused(): number {
    return this.#refused
  }

  get blocked(): number {
    return this.#blocked
  }

  /** An observer that counts before it tells another one. */
  before(observe: Observe): Observe {
    return (event) => {
      this.#count(event)
      observe(event)
    }
  }

  #count({ type }: AgentEvent): void {
    if (type === 'message.refused' || type === 'peer.refused') this.#refused += 1
    if (type === 'message.blocked' || type === 'peer.blocked' || type === 'task.blocked') this.#blocked += 1
  }
}
