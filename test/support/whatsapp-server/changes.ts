import { within } from '../../helpers/within.ts'

/** Lets tests wait for a state instead of for a time: each change is looked at once. */
export class Changes {
  readonly #probes = new Set<() => void>()

  /** Something changed; whoever waits looks again. */
  announce(): void {
    for (const probe of [...this.#probes]) probe()
  }

  /** What the probe finds, as soon as it finds something. @throws {Error} naming what was awaited, after the limit */
  async until<Found>(what: string, find: () => Found | undefined | false, limitMs?: number): Promise<Found> {
    let probe: (() => void) | undefined
    const found = new Promise<Found>((resolve, reject) => {
      probe = () => {
        try {
          const value = find()
          if (value !== undefined && value !== false) resolve(value)
        } catch (error) {
          reject(error)
        }
      }
      this.#probes.add(probe)
      probe()
    })
    try {
      return await within(found, what, limitMs)
    } finally {
      if (probe !== undefined) this.#probes.delete(probe)
    }
  }
}

/** A list of what happened, for tests to look at; it keeps the newest `entriesMax`. */
export class Chronicle<Entry> {
  static readonly entriesMax = 10_000
  readonly #entries: Entry[] = []

  get all(): readonly Entry[] {
    return this.#entries
  }

  add(entry: Entry): void {
    this.#entries.push(entry)
    if (this.#entries.length > Chronicle.entriesMax) this.#entries.shift()
  }
}
