import { type AdmissionRules, findSenderRefusal, STALE_MS_MAX } from '../../core/admission.ts'
import type { Bringer } from '../../core/bringer.ts'
import type { Clock } from '../../core/ports.ts'
import { commit } from '../../sqlite/ask-database.ts'
import type { Complain, DropReason, ObserveCloud } from './events.ts'
import { type Reading, type ReadingParts, readMessage } from './read-message.ts'
import { toReference } from './signature.ts'
import type { Stores } from './stores.ts'
import { type Delivery, readDelivery, type WireMessage, type WireStatus } from './webhook-body.ts'

/** What taking deliveries in takes. */
export interface IntakeParts {
  readonly stores: Stores
  readonly bringer: Pick<Bringer, 'add' | 'show'>
  readonly access: Pick<AdmissionRules, 'allowed' | 'blocked'>
  readonly phoneNumberId: string
  readonly agent: string
  readonly clock: Clock
  readonly observe: ObserveCloud
  readonly complain: Complain
  /** Takes what became of a message of ours, within the transaction; what is returned is done after it. */
  readonly takeStatus: (status: WireStatus) => Act
  /** Called when somebody wrote too long ago to be answered. */
  readonly noteLate: () => void
}

/** Something to be done when all is on disk. */
export type Act = () => void

/** What became of a delivery: all of it is on disk, it cannot be read, or Meta is to bring it again later. */
export type TakeOutcome = 'taken' | 'not-json' | 'inbox-full'

type Message = Extract<Reading, { kind: 'message' }>

const nothing: Act = () => undefined

/** Takes what Meta delivers to the inbox and the outbox, in one transaction, and from there to the agent. */
export class Intake {
  readonly #parts: IntakeParts

  constructor(parts: IntakeParts) {
    this.#parts = parts
  }

  /**
   * Takes one delivery. What it says is on disk when this returns, so Meta may forget it.
   *
   * @throws {StorageError} when nothing can be kept; Meta brings it again then
   */
  take(bytes: Uint8Array): TakeOutcome {
    const { observe, phoneNumberId, stores } = this.#parts
    const delivery = readDelivery(bytes, phoneNumberId)
    if (delivery === undefined) return 'not-json'
    let isFull = false
    const acts = commit(stores.database, () => {
      const statuses = delivery.statuses.map((status) => this.#parts.takeStatus(status))
      const messages = delivery.messages.map((wire) => {
        const act = this.#takeMessage(wire, delivery)
        isFull ||= act === 'full'
        return act === 'full' ? nothing : act
      })
      return [...statuses, ...messages]
    })
    for (const act of acts) this.#do(act)
    if (delivery.unreadable > 0) observe({ type: 'cloud.unreadable', things: delivery.unreadable })
    return isFull ? 'inbox-full' : 'taken'
  }

  /** Brings what was not finished before a restart. */
  resume(): void {
    const { bringer, clock, noteLate, observe, stores } = this.#parts
    const { inbox } = stores
    const now = clock.now()
    const unfinished = inbox.listUnfinished()
    const late = unfinished.filter(({ message }) => now - message.sentAt > STALE_MS_MAX)
    for (const { seq } of late) inbox.noteLate(seq)
    const due = unfinished.filter((each) => !late.includes(each))
    for (const entry of due) bringer.add(entry)
    if (due.length > 0) observe({ type: 'cloud.resumed', messages: due.length })
    if (inbox.listLate().length > 0) noteLate()
  }

  #takeMessage(wire: WireMessage, { names }: Delivery): Act | 'full' {
    const reading = readMessage(wire, this.#toReadingParts(names))
    if (reading.kind === 'ignored') return this.#drop(reading.id, reading.why)
    const { access, bringer, clock, stores } = this.#parts
    const { message, pair } = reading
    const refusal = findSenderRefusal(access, message)
    // whoever is blocked stays so when the number is hidden later; strangers leave nothing behind
    if (pair && refusal !== 'unknown') stores.people.note(pair.userId, pair.number, clock.now())
    if (refusal !== undefined) return () => bringer.show(message)
    if (stores.inbox.has(message.id)) return this.#drop(message.id, 'known')
    const isLate = clock.now() - message.sentAt > STALE_MS_MAX
    return isLate ? this.#keepLate(wire, reading) : this.#keep(wire, reading)
  }

  #keepLate(wire: WireMessage, { message }: Message): Act | 'full' {
    const { clock, noteLate, stores } = this.#parts
    if (!stores.inbox.addLate({ wamid: wire.id, message }, clock.now())) return 'full'
    const tell = this.#drop(message.id, 'late')
    return () => {
      tell()
      noteLate()
    }
  }

  #keep(wire: WireMessage, { message, content: kind }: Message): Act | 'full' {
    const { bringer, clock, observe, stores } = this.#parts
    const now = clock.now()
    const added = stores.inbox.add({ wamid: wire.id, message }, now)
    if (added.kind === 'full') return 'full'
    if (added.kind !== 'added') return this.#drop(message.id, added.kind)
    const { id: messageId, text, sentAt } = message
    return () => {
      observe({ type: 'cloud.received', messageId, kind, chars: text.length, lateMs: now - sentAt })
      bringer.add(added.entry)
    }
  }

  /** One that fails does not keep the others from being done: all of it is on disk, and Meta does not bring it again. */
  #do(act: Act): void {
    try {
      act()
    } catch (error) {
      this.#parts.complain('after-delivery', error)
    }
  }

  #drop(messageId: string, why: DropReason): Act {
    return () => this.#parts.observe({ type: 'cloud.dropped', messageId, why })
  }

  #toReadingParts(names: ReadonlyMap<string, string>): ReadingParts {
    const { inbox, outbox, people } = this.#parts.stores
    return {
      agent: this.#parts.agent,
      names,
      findNumber: (userId) => people.findNumber(userId),
      findQuoted: (wamid, chat) => {
        const own = outbox.findText(wamid, chat)
        if (own !== undefined) return { isOwn: true, text: own }
        const text = inbox.findText(toReference(wamid), chat)
        return text === undefined ? undefined : { isOwn: false, text }
      },
    }
  }
}
