/** Width of a slot, in milliseconds: how late an overdue item may be found. */
const SLOT_MS = 100

/**
 * Items by the moment they fall due. Adding and removing cost the same however
 * many there are, and a removed item is let go of at once, since most tasks
 * are answered long before their deadline.
 *
 * @see Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", 1987
 */
export class Deadlines {
  readonly #slots = new Map<number, Set<string>>()
  #sweptTo = 0

  /** @param at monotonic milliseconds */
  add(id: string, at: number): void {
    const slot = this.#toSlot(at)
    const ids = this.#slots.get(slot)
    if (ids === undefined) this.#slots.set(slot, new Set([id]))
    else ids.add(id)
  }

  /** @param at the same moment as at {@link add} */
  remove(id: string, at: number): void {
    const slot = this.#toSlot(at)
    const ids = this.#slots.get(slot)
    if (ids?.delete(id) && ids.size === 0) this.#slots.delete(slot)
  }

  /** Takes out everything that is due, earliest slot first. */
  takeDue(now: number): string[] {
    const due: string[] = []
    for (const last = Math.floor(now / SLOT_MS); this.#sweptTo <= last; this.#sweptTo++) {
      const ids = this.#slots.get(this.#sweptTo)
      if (ids === undefined) continue
      due.push(...ids)
      this.#slots.delete(this.#sweptTo)
    }
    return due
  }

  #toSlot(at: number): number {
    // What is overdue already is found by the next sweep
    return Math.max(Math.ceil(at / SLOT_MS), this.#sweptTo)
  }
}
