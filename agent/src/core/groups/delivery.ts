import { toMatchKey } from '@ai-comms/shared'
import type { Courier, Letter, PostOutcome } from '../envelopes/courier.ts'
import { toRecipient } from '../envelopes/introductions.ts'
import type { Audit, Peer } from '../envelopes/ports.ts'
import type { CallOff, Clock } from '../ports.ts'
import { findMember, toPayload } from './charter.ts'
import { type Ack, toMessagePayload } from './group-payloads.ts'
import { INSIST_WAITS_MS, Insistence, SLOW_INSIST_WAITS_MS } from './insistence.ts'
import type { GroupMessage } from './ports.ts'
import type { Room, Rooms } from './rooms.ts'

/** How long it is waited before a message is confirmed, so that several are confirmed at once, in milliseconds. */
export const ACK_AFTER_MS = 500
/** Messages that are sent again at once. */
export const AGAIN_MAX = 20

/** What a delivery is made of. */
export interface DeliveryParts {
  readonly me: { readonly agentId: string }
  readonly rooms: Rooms
  readonly courier: Courier
  readonly clock: Clock
  readonly audit: Audit
}

/**
 * Brings each member what it lacks: the charter, if this agent made it, and what this agent said. Members confirm, and
 * what is not confirmed is sent again a few times; so a lossy carrier does no harm, and a dead one ends by itself.
 */
export class Delivery {
  readonly #parts: DeliveryParts
  readonly #insistence: Insistence
  readonly #acks = new Map<string, CallOff>()
  /** Those who are not in a group any more, and have not confirmed that they know. */
  readonly #farewells = new Map<string, Peer>()
  /** What each member last said it lacks, so that it is sent at once only the first time. */
  readonly #asked = new Map<string, number>()

  constructor(parts: DeliveryParts) {
    this.#parts = parts
    this.#insistence = new Insistence(parts.clock)
  }

  /** How much is waited for, in members. */
  get unconfirmed(): number {
    return this.#insistence.size
  }

  /** Resolves when nothing is waited for any more: confirmed, or given up. */
  idle(): Promise<void> {
    return this.#insistence.idle()
  }

  /** Sends a message to everybody else, and sees to it that it arrives. */
  publish(room: Room, message: GroupMessage): void {
    for (const member of this.#othersOf(room)) {
      if (this.#lacksCharter(room, member)) this.#sendCharter(room, member)
      void this.#sendMessage(room, member, message)
      this.#insist(room, member)
    }
  }

  /** Sends the charter to everybody else, and to those who are in it no more. */
  publishCharter(room: Room, removed: readonly Peer[]): void {
    for (const peer of removed) this.#farewells.set(toKey(room, peer.agentId), peer)
    for (const peer of [...this.#othersOf(room), ...removed]) {
      this.#sendCharter(room, peer)
      this.#insist(room, peer)
    }
  }

  /** A peer is there, perhaps after a while: whatever it lacks is sent anew. */
  resume(idOrName?: string): void {
    for (const room of this.#parts.rooms.list()) {
      for (const member of this.#othersOf(room)) {
        if (idOrName !== undefined && !isCalled(member, idOrName)) continue
        if (this.#bring(room, member)) this.#insist(room, member)
      }
    }
  }

  /** Tells a writer soon, or at once, how far this agent is with what it wrote. */
  confirm(room: Room, writer: Peer, isUrgent: boolean): void {
    const key = toKey(room, writer.agentId)
    if (this.#acks.has(key) && !isUrgent) return
    this.#acks.get(key)?.()
    const send = () => {
      this.#acks.delete(key)
      void this.#sendAck(room, writer)
    }
    if (isUrgent) send()
    else this.#acks.set(key, this.#parts.clock.after(ACK_AFTER_MS, send))
  }

  /** A member says how far it is. @throws {StorageError} when that cannot be written down */
  receiveAck(room: Room, agentId: string, ack: Ack): void {
    const { rooms, me } = this.#parts
    const { charter } = room.kept
    const key = toKey(room, agentId)
    if (ack.version >= charter.version) this.#farewells.delete(key)
    const member = findMember(charter, agentId)
    const mark = rooms.markOf(room, agentId)
    const have = Math.min(ack.have, room.transcript.haveOf(me.agentId))
    // a newcomer may lack what was said before this agent knew of it
    const acked = ack.isMissing ? have : Math.max(mark.acked, have)
    const confirmed = Math.max(mark.confirmed, Math.min(ack.version, charter.version))
    if (acked !== mark.acked || confirmed !== mark.confirmed) rooms.mark(room, agentId, { acked, confirmed })
    if (!this.#isOutstanding(room, agentId)) {
      this.#asked.delete(key)
      this.#insistence.settle(key)
    } else if (member && ack.isMissing && this.#asked.get(key) !== have) {
      this.#asked.set(key, have)
      this.#bring(room, member)
      this.#insist(room, member)
    }
  }

  /** Insists on something of another room, under the same patience. */
  insist(key: string, again: () => boolean, givenUp: () => void): void {
    this.#insistence.insist(key, again, givenUp)
  }

  /** Gives a letter to a peer. */
  send(peer: Peer, letter: Letter): Promise<PostOutcome> {
    return this.#parts.courier.send(peer, letter)
  }

  /** Nothing is sent any more. */
  stop(): void {
    this.#insistence.stop()
    for (const callOff of this.#acks.values()) callOff()
    this.#acks.clear()
  }

  #othersOf(room: Room): Peer[] {
    return room.kept.charter.members.filter(({ agentId }) => agentId !== this.#parts.me.agentId)
  }

  #lacksCharter(room: Room, { agentId }: Pick<Peer, 'agentId'>): boolean {
    const { rooms, me } = this.#parts
    const { creator, version } = room.kept.charter
    return creator === me.agentId && rooms.markOf(room, agentId).confirmed < version
  }

  #isOutstanding(room: Room, agentId: string): boolean {
    if (this.#farewells.has(toKey(room, agentId))) return true
    if (!findMember(room.kept.charter, agentId)) return false
    const { rooms, me } = this.#parts
    const lacksMessages = rooms.markOf(room, agentId).acked < room.transcript.haveOf(me.agentId)
    return lacksMessages || this.#lacksCharter(room, { agentId })
  }

  #insist(room: Room, peer: Peer): void {
    const { agentId } = peer
    const { groupId } = room.kept.charter
    const key = toKey(room, agentId)
    this.#insistence.insist(
      key,
      () => this.#bring(room, peer),
      () => {
        // what a member asked for is remembered, so that asking again does not begin all of it anew
        if (this.#farewells.delete(key)) this.#asked.delete(key)
        this.#parts.audit({ type: 'group.unreached', groupId, agentId })
      },
      this.#parts.courier.isSlow(peer) ? SLOW_INSIST_WAITS_MS : INSIST_WAITS_MS,
    )
  }

  /** Sends a peer what it lacks; false when it lacks nothing. */
  #bring(room: Room, peer: Peer): boolean {
    if (!this.#isOutstanding(room, peer.agentId)) return false
    const { rooms, me } = this.#parts
    const isFarewell = this.#farewells.has(toKey(room, peer.agentId))
    if (isFarewell || this.#lacksCharter(room, peer)) this.#sendCharter(room, peer)
    if (isFarewell) return true
    const { acked } = rooms.markOf(room, peer.agentId)
    for (const message of room.transcript.since(me.agentId, acked, AGAIN_MAX))
      void this.#sendMessage(room, peer, message)
    return true
  }

  #sendCharter(room: Room, peer: Peer): void {
    const { charter } = room.kept
    const have = Object.fromEntries(charter.members.map(({ agentId }) => [agentId, room.transcript.haveOf(agentId)]))
    void this.send(peer, {
      to: toRecipient(peer),
      intent: 'group-invite',
      payload: { ...toPayload(charter), have },
      conversationId: charter.groupId,
      group: { groupId: charter.groupId, groupName: charter.name },
    })
  }

  #sendMessage(room: Room, peer: Peer, message: GroupMessage): Promise<PostOutcome> {
    const { groupId, name: groupName } = room.kept.charter
    const [first = message] = room.transcript.since(message.writer, 0, 1)
    return this.send(peer, {
      to: { groupId, groupName },
      intent: 'group-chat',
      payload: toMessagePayload(message, first.sequence),
      conversationId: groupId,
      hops: message.kind === 'agent' ? 1 : 0,
    })
  }

  #sendAck(room: Room, peer: Peer): Promise<PostOutcome> {
    const { groupId, name: groupName, version } = room.kept.charter
    const { transcript } = room
    const { agentId } = peer
    const isMissing = transcript.missingOf(agentId) > 0
    return this.send(peer, {
      to: toRecipient(peer),
      intent: 'info',
      payload: { type: 'group-ack', groupId, have: transcript.haveOf(agentId), isMissing, version },
      conversationId: groupId,
      group: { groupId, groupName },
    })
  }
}

const isCalled = ({ agentId, agentName }: Peer, idOrName: string): boolean =>
  agentId === idOrName || toMatchKey(agentName) === toMatchKey(idOrName)

const toKey = (room: Room, agentId: string): string => JSON.stringify([room.kept.charter.groupId, agentId])
