/** How many sockets each address has open. */
export class AddressCount {
  readonly #counts = new Map<string, number>()
  readonly #max: number

  /** @param max most sockets of one address */
  constructor(max: number) {
    this.#max = max
  }

  /** Counts one more; false when the address has its fill, and then nothing is counted. */
  enter(address: string): boolean {
    const count = this.#counts.get(address) ?? 0
    if (count >= this.#max) return false
    this.#counts.set(address, count + 1)
    return true
  }

  leave(address: string): void {
    const count = (this.#counts.get(address) ?? 0) - 1
    if (count > 0) this.#counts.set(address, count)
    else this.#counts.delete(address)
  }
}
