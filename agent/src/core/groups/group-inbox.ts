import type { Mail } from '../envelopes/mail.ts'
import type { Audit, Peer, PeerRefusal } from '../envelopes/ports.ts'
import { StorageError } from '../failures.ts'
import { findMember, readCharter } from './charter.ts'
import type { Delivery } from './delivery.ts'
import { type GroupNote, readHave, readNote, readSaid } from './group-payloads.ts'
import type { Charter, GroupMessage } from './ports.ts'
import type { Room, Rooms } from './rooms.ts'

/** What an inbox is made of. */
export interface GroupInboxParts {
  readonly me: { readonly agentId: string }
  readonly rooms: Rooms
  readonly delivery: Delivery
  readonly audit: Audit
  /** Something new was said, or a member leaves. */
  readonly onSaid: (room: Room, message: GroupMessage, isProven: boolean) => void
  readonly onLeaving: (room: Room, peer: Peer) => void
  /** Whether to come into a group that a peer made; yes unless set. */
  readonly mayJoin: (charter: Charter, mail: Mail) => boolean
}

/** Nobody knows its own chats: those of whoever sends a charter are where it came from. */
const withWayBack = (charter: Charter, { agentId, chats }: Peer): Charter => ({
  ...charter,
  members: charter.members.map((each) =>
    each.agentId === agentId && chats !== undefined ? { ...each, chats: { ...each.chats, ...chats } } : each,
  ),
})

/** Where envelopes about groups come in. Membership is the creator's word: its envelope's signature is the charter's. */
export class GroupInbox {
  readonly #parts: GroupInboxParts

  constructor(parts: GroupInboxParts) {
    this.#parts = parts
  }

  /** Takes a charter of its creator, if it is newer than what is known. */
  receiveInvitation(mail: Mail): void {
    this.#guard(mail, () => {
      const read = readCharter(mail.payload)
      if (!read) return 'bad_payload'
      const charter = withWayBack(read, mail.from)
      const known = this.#parts.rooms.find(charter.groupId)
      if (charter.creator !== mail.from.agentId) return 'not_the_creator'
      if (known && known.kept.charter.creator !== charter.creator) return 'not_the_creator'
      return this.#takeCharter(mail, charter, known)
    })
  }

  /** Takes what a member said. */
  receiveMessage(mail: Mail): void {
    this.#guard(mail, () => {
      const room = this.#parts.rooms.find(mail.envelope.to.groupId ?? '')
      const member = room && findMember(room.kept.charter, mail.from.agentId)
      if (!room || !member) return 'not_a_member'
      const said = readSaid(room.kept.charter, member.agentId, mail.payload)
      if (!said) return 'bad_payload'
      const { rooms, delivery, onSaid } = this.#parts
      rooms.skipTo(room, member.agentId, said.floor)
      const fit = room.transcript.fit(said.message)
      if (fit === 'impossible') return 'bad_payload'
      if (fit === 'new') rooms.add(room, said.message)
      // the way back is the one it came by, when the charter knows none
      const writer = member.chats === undefined ? mail.from : member
      delivery.confirm(room, writer, room.transcript.missingOf(member.agentId) > 0)
      if (fit === 'new') onSaid(room, said.message, mail.isProven)
      return undefined
    })
  }

  /** Takes a note about a group; false when it is about something else. */
  receiveNote(mail: Mail): boolean {
    const note = readNote(mail.payload)
    if (!note) return false
    this.#guard(mail, () => this.#takeNote(mail, note))
    return true
  }

  #takeCharter(mail: Mail, charter: Charter, known: Room | undefined): PeerRefusal | undefined {
    const { delivery, audit, me } = this.#parts
    const isMember = findMember(charter, me.agentId) !== undefined
    // it is confirmed again, since the creator has not heard of it
    if (known && charter.version <= known.kept.charter.version) {
      delivery.confirm(known, mail.from, true)
      return undefined
    }
    if (!known && !isMember) return 'not_a_member'
    if (isMember && !known && !this.#parts.mayJoin(charter, mail)) return 'not_a_member'
    const room = this.#change(charter, known, isMember, mail)
    if (!room) return 'no_room'
    const { groupId, version } = charter
    audit({ type: 'group.changed', groupId, version, what: isMember ? 'member' : 'gone' })
    delivery.confirm(room, mail.from, true)
    return undefined
  }

  #change(charter: Charter, known: Room | undefined, isMember: boolean, mail: Mail): Room | undefined {
    const { rooms, me, delivery } = this.#parts
    if (!isMember) return known && rooms.keep({ ...known.kept, charter, state: 'gone' })
    // whoever leaves is not called back by a charter that the creator wrote before it heard of it
    if (known?.kept.state === 'leaving') return rooms.keep({ ...known.kept, charter })
    const before = known?.kept.state === 'member' ? known : undefined
    const room = before ? rooms.keep({ ...before.kept, charter }) : rooms.begin(charter, readHave(mail.payload))
    if (!room) return undefined
    const own = room.transcript.haveOf(me.agentId)
    for (const { agentId } of charter.members) {
      const isNew = before !== undefined && !findMember(before.kept.charter, agentId)
      if (isNew) rooms.mark(room, agentId, { acked: own })
    }
    if (before) delivery.resume()
    return room
  }

  #takeNote(mail: Mail, note: GroupNote): PeerRefusal | undefined {
    const room = this.#parts.rooms.find(note.groupId)
    const { agentId } = mail.from
    if (!room) return 'not_a_member'
    if (note.type === 'group-ack') {
      this.#parts.delivery.receiveAck(room, agentId, note)
      return undefined
    }
    if (room.kept.charter.creator !== this.#parts.me.agentId) return 'not_the_creator'
    this.#parts.onLeaving(room, mail.from)
    return undefined
  }

  /** What cannot be written down is not confirmed: it is sent again, and perhaps there is room then. */
  #guard(mail: Mail, act: () => PeerRefusal | undefined): void {
    let why: PeerRefusal | undefined
    try {
      why = act()
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      why = 'storage'
    }
    const { carrier, from, envelope } = mail
    const detail = `A ${envelope.intent} was not taken`
    if (why) this.#parts.audit({ type: 'peer.refused', why, detail, carrier, from: from.agentId })
  }
}
