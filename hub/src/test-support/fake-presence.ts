import type { PresenceFrame } from '@ai-comms/shared'
import type { Presence, Transport } from '../core/ports.ts'

/** Presence without gathering: each member hears an event the moment it is announced. */
export class FakePresence implements Presence {
  /** Everything that was announced, oldest first. */
  readonly announced: PresenceFrame[] = []
  readonly #heard = new Map<Transport, PresenceFrame[]>()
  readonly #members = new Set<Transport>()

  join(member: Transport): void {
    this.#members.add(member)
  }

  leave(member: Transport): void {
    this.#members.delete(member)
  }

  announce(frame: PresenceFrame): void {
    this.announced.push(frame)
    for (const member of this.#members) this.#heard.set(member, [...this.heardBy(member), frame])
  }

  flush(): void {}

  heardBy(member: Transport): readonly PresenceFrame[] {
    return this.#heard.get(member) ?? []
  }
}
