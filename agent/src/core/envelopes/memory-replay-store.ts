import { REPLAY_MEMORY_MS, REPLAY_STATE_EMPTY, type ReplayEntry, type ReplayState } from '@ai-comms/shared'
import type { ReplayStore } from './ports.ts'

/** Which envelopes came, for an agent that keeps nothing; its state at the start is for its maker to judge. */
export class MemoryReplayStore implements ReplayStore {
  readonly #start: ReplayState
  #entries: ReplayEntry[]

  constructor(start: ReplayState = REPLAY_STATE_EMPTY) {
    this.#start = start
    this.#entries = [...start.entries]
  }

  read(now: number): ReplayState {
    return { ...this.#start, entries: this.#entries.filter(({ receivedAt }) => now - receivedAt <= REPLAY_MEMORY_MS) }
  }

  add(entry: ReplayEntry): void {
    this.#entries = this.#entries.filter(({ receivedAt }) => entry.receivedAt - receivedAt <= REPLAY_MEMORY_MS)
    this.#entries.push(entry)
  }
}
