import { toRecipient } from '../envelopes/introductions.ts'
import type { Audit, Peer } from '../envelopes/ports.ts'
import { StorageError } from '../failures.ts'
import { findMember } from './charter.ts'
import type { Delivery } from './delivery.ts'
import type { Room, Rooms } from './rooms.ts'

/** What changes of membership take. */
export interface MembershipParts {
  readonly me: { readonly agentId: string }
  readonly rooms: Rooms
  readonly delivery: Delivery
  readonly audit: Audit
}

/** Who is in a group: written down first, and then told to everybody whom it concerns. */
export class Membership {
  readonly #parts: MembershipParts

  constructor(parts: MembershipParts) {
    this.#parts = parts
  }

  /** Takes a member out, or tells one that is out already. @throws {StorageError} */
  drop(room: Room, peer: Peer): void {
    const { members } = room.kept.charter
    const others = members.filter(({ agentId }) => agentId !== peer.agentId)
    if (others.length < members.length) this.rewrite(room, others, 'removed')
    // it has not heard of it, or it would not ask again
    else this.announce(room, [peer], 'removed')
  }

  /** Writes the next version of the charter; without members, the last. @throws {StorageError} */
  rewrite(room: Room, members: readonly Peer[], what: string): void {
    const { charter } = room.kept
    const removed = charter.members.filter(({ agentId }) => !members.some((member) => member.agentId === agentId))
    const state = members.length === 0 ? 'gone' : room.kept.state
    this.#parts.rooms.keep({ ...room.kept, state, charter: { ...charter, members, version: charter.version + 1 } })
    const { me } = this.#parts
    this.announce(
      room,
      removed.filter(({ agentId }) => agentId !== me.agentId),
      what,
    )
  }

  /** Sends the charter to all members, and to those who are no more. */
  announce(room: Room, removed: readonly Peer[], what: string): void {
    const { groupId, version } = room.kept.charter
    this.#parts.audit({ type: 'group.changed', groupId, version, what })
    this.#parts.delivery.publishCharter(room, removed)
  }

  /** Leaves a group of another agent, which is told until it has heard of it. @throws {StorageError} */
  takeLeave(room: Room): void {
    const { charter } = room.kept
    const { groupId, name: groupName } = charter
    const creator = findMember(charter, charter.creator)
    this.#parts.rooms.keep({ ...room.kept, state: creator ? 'leaving' : 'gone' })
    this.#parts.audit({ type: 'group.changed', groupId, version: charter.version, what: 'left' })
    if (!creator) return
    const say = () => {
      if (room.kept.state !== 'leaving') return false
      const letter = { to: toRecipient(creator), intent: 'info', conversationId: groupId } as const
      const payload = { type: 'group-leave', groupId }
      void this.#parts.delivery.send(creator, { ...letter, payload, group: { groupId, groupName } })
      return true
    }
    say()
    this.#parts.delivery.insist(`leave ${groupId}`, say, () => this.#giveUp(room))
  }

  /** Nobody waits for this, so a storage that does not serve is only told; after a restart the group is still being left. */
  #giveUp(room: Room): void {
    try {
      this.#parts.rooms.keep({ ...room.kept, state: 'gone' })
    } catch (err) {
      if (!(err instanceof StorageError)) throw err
      this.#parts.audit({ type: 'peer.broken', agentId: room.kept.charter.creator, err })
    }
  }
}
