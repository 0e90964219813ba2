import { toMatchKey } from '@ai-comms/shared'
import { ExchangeLaw } from '../envelopes/exchange-law.ts'
import { toRecipient } from '../envelopes/introductions.ts'
import type { Mail, Me } from '../envelopes/mail.ts'
import type { Peer, PeerAddress } from '../envelopes/ports.ts'
import { StorageError } from '../failures.ts'
import {
  findMember,
  findMentioned,
  GROUP_TEXT_CHARS_MAX,
  isGroupName,
  MEMBERS_MAX,
  PURPOSE_CHARS_MAX,
} from './charter.ts'
import { Delivery, type DeliveryParts } from './delivery.ts'
import { GroupInbox } from './group-inbox.ts'
import { GroupTurns, type TurnParts } from './group-turns.ts'
import { type GroupView, type ShownMessage, toShown, toView } from './group-view.ts'
import type { Charter, GroupMessage, GroupMode, GroupStore } from './ports.ts'
import { type Room, Rooms } from './rooms.ts'
import { toQuestionId } from './transcript.ts'

/** What a group desk is made of. */
export interface GroupDeskParts extends Omit<DeliveryParts, 'rooms' | 'me'>, Omit<TurnParts, 'publish' | 'law' | 'me'> {
  readonly me: Me
  readonly store: GroupStore
  readonly newId: () => string
  /** Finds a peer, or asks it who it is. */
  readonly contact: (address: PeerAddress) => Promise<Peer | undefined>
  /** Shows what was said, by whom, to whoever looks on here. */
  readonly showMessage: (group: GroupView, message: ShownMessage) => void
  /** Whether to come into a group that a peer made; yes unless set. */
  readonly mayJoin?: ((charter: Charter, mail: Mail) => boolean) | undefined
}

/** A group that is to be made. */
export interface GroupWish {
  readonly name: string
  /** Names, with a chat where the hub does not know them. This agent itself need not be named. */
  readonly members: readonly PeerAddress[]
  readonly purpose?: string
  readonly mode?: GroupMode
  /** The person who wants it, as the channel names it. */
  readonly owner: string
}

/** Why something is not done with a group, for people. */
export type GroupFault =
  | 'bad_name'
  | 'name_taken'
  | 'nobody'
  | 'too_many_members'
  | 'too_many_groups'
  | 'no_such_group'
  | 'no_such_member'
  | 'not_the_creator'
  | 'too_long'
  | 'storage'

/** What came of it; `missing` are names that nobody answered to. */
export type GroupOutcome =
  | { readonly ok: true; readonly group: GroupView; readonly missing: readonly string[] }
  | { readonly ok: false; readonly why: GroupFault; readonly missing?: readonly string[] }

/** What came of a person's message: who will answer it, by name. */
export type SayOutcome =
  | { readonly ok: true; readonly group: GroupView; readonly answerers: readonly string[] }
  | { readonly ok: false; readonly why: GroupFault }

/** Groups of agents and people: made, changed and left here, and spoken in. Who may is for the caller to say. */
export class GroupDesk {
  readonly #parts: GroupDeskParts
  readonly #rooms: Rooms
  readonly #delivery: Delivery
  readonly #turns: GroupTurns
  readonly inbox: GroupInbox

  /** @throws {StorageError} when the groups cannot be read */
  constructor(parts: GroupDeskParts) {
    this.#parts = parts
    const { me, audit } = parts
    const rooms = new Rooms(parts.store)
    this.#rooms = rooms
    const delivery = new Delivery({ ...parts, rooms })
    this.#delivery = delivery
    this.#turns = new GroupTurns({
      ...parts,
      law: new ExchangeLaw(),
      publish: (room, question, text) => this.#publishAnswer(room, question, text),
    })
    this.inbox = new GroupInbox({
      ...{ me, rooms, delivery, audit },
      mayJoin: parts.mayJoin ?? (() => true),
      onSaid: (room, message, isProven) => this.#hear(room, message, isProven),
      onLeaving: (room, peer) => this.#drop(room, peer),
    })
  }

  /** Ids of the groups whose envelopes are for this agent. */
  get groupIds(): Set<string> {
    return this.#rooms.ids
  }

  /** How many members something is still to be confirmed by. */
  get unconfirmed(): number {
    return this.#delivery.unconfirmed
  }

  /** Resolves when nobody has anything to confirm any more, or was given up. */
  idle(): Promise<void> {
    return this.#delivery.idle()
  }

  /** Goes on with what was not confirmed before: by everybody, or by a peer that is there again. */
  resume(idOrName?: string): void {
    this.#delivery.resume(idOrName)
  }

  /** Sends nothing any more. */
  stop(): void {
    this.#turns.stop()
    this.#delivery.stop()
  }

  /** The groups that this agent is in. */
  list(): GroupView[] {
    return this.#rooms.list().map((room) => toView(room))
  }

  /** A group and the last of what was said in it. */
  show(name: string, most = 20): { readonly group: GroupView; readonly messages: readonly ShownMessage[] } | undefined {
    const room = this.#rooms.findNamed(name)
    if (!room) return undefined
    const messages = room.transcript.list().filter(({ text }) => text !== '')
    return { group: toView(room), messages: messages.slice(-most).map(toShown) }
  }

  /** Makes a group of those who can be reached. */
  async create({ name, members, purpose, mode = 'parallel', owner }: GroupWish): Promise<GroupOutcome> {
    if (!isGroupName(name)) return { ok: false, why: 'bad_name' }
    if (members.length > MEMBERS_MAX) return { ok: false, why: 'too_many_members' }
    const { found, missing } = await this.#find(members)
    if (found.length === 0) return { ok: false, why: 'nobody', missing }
    if (found.length >= MEMBERS_MAX) return { ok: false, why: 'too_many_members' }
    // only now, since another may have been made while the members were asked who they are
    if (this.#rooms.findNamed(name)) return { ok: false, why: 'name_taken' }
    const { me, newId } = this.#parts
    const charter: Charter = {
      ...{ groupId: newId(), name, mode, creator: me.agentId, version: 1 },
      members: [{ agentId: me.agentId, agentName: me.name }, ...found],
      ...(purpose === undefined ? {} : { purpose: [...purpose].slice(0, PURPOSE_CHARS_MAX).join('') }),
    }
    return this.#try<GroupOutcome>(() => {
      const room = this.#rooms.keep({ charter, state: 'member', owner })
      if (!room) return { ok: false, why: 'too_many_groups' }
      this.#announce(room, [], 'created')
      return { ok: true, group: toView(room), missing }
    })
  }

  /** Takes agents into a group that this one made. */
  async add(name: string, members: readonly PeerAddress[]): Promise<GroupOutcome> {
    const { found, missing } = await this.#find(members)
    const room = this.#rooms.findNamed(name)
    if (!room) return { ok: false, why: 'no_such_group' }
    const { charter } = room.kept
    if (charter.creator !== this.#parts.me.agentId) return { ok: false, why: 'not_the_creator' }
    const others = found.filter(({ agentId }) => !findMember(charter, agentId))
    if (found.length === 0) return { ok: false, why: 'nobody', missing }
    if (charter.members.length + others.length > MEMBERS_MAX) return { ok: false, why: 'too_many_members' }
    return this.#try<GroupOutcome>(() => {
      const own = room.transcript.haveOf(this.#parts.me.agentId)
      for (const { agentId } of others) this.#rooms.mark(room, agentId, { acked: own, confirmed: 0 })
      if (others.length > 0) this.#rewrite(room, [...charter.members, ...others], 'added')
      return { ok: true, group: toView(room), missing }
    })
  }

  /** Takes an agent out of a group that this one made. */
  remove(name: string, memberName: string): GroupOutcome {
    const room = this.#rooms.findNamed(name)
    if (!room) return { ok: false, why: 'no_such_group' }
    const { charter } = room.kept
    const { me } = this.#parts
    if (charter.creator !== me.agentId) return { ok: false, why: 'not_the_creator' }
    const member = charter.members.find(({ agentName }) => toMatchKey(agentName) === toMatchKey(memberName))
    if (!member || member.agentId === me.agentId) return { ok: false, why: 'no_such_member' }
    return this.#try<GroupOutcome>(() => {
      this.#drop(room, member)
      return { ok: true, group: toView(room), missing: [] }
    })
  }

  /** Leaves a group; one that this agent made is closed for everybody. */
  leave(name: string): GroupOutcome {
    const room = this.#rooms.findNamed(name)
    if (!room) return { ok: false, why: 'no_such_group' }
    return this.#try<GroupOutcome>(() => {
      if (room.kept.charter.creator === this.#parts.me.agentId) this.#rewrite(room, [], 'closed')
      else this.#takeLeave(room)
      return { ok: true, group: toView(room), missing: [] }
    })
  }

  /** A person says something in a group: it goes to all members, and those who are meant answer once. */
  say(name: string, text: string, person: string): SayOutcome {
    const room = this.#rooms.findNamed(name)
    if (!room) return { ok: false, why: 'no_such_group' }
    if (text.length > GROUP_TEXT_CHARS_MAX || text.trim() === '') return { ok: false, why: 'too_long' }
    const { charter } = room.kept
    const meant = (findMentioned(charter, text) ?? charter.members).slice(0, this.#parts.turnsMax)
    const answerers = meant.map(({ agentId }) => agentId)
    const author = [...person].slice(0, 100).join('')
    return this.#try<SayOutcome>(() => {
      const message = this.#publish(room, { kind: 'person', author, text: text.toWellFormed(), answerers })
      this.#turns.consider(room, message, true)
      return { ok: true, group: toView(room), answerers: meant.map(({ agentName }) => agentName) }
    })
  }

  async #find(members: readonly PeerAddress[]): Promise<{ found: Peer[]; missing: string[] }> {
    const { me, contact } = this.#parts
    const names = new Map(members.map((member) => [toMatchKey(member.agentName), member]))
    names.delete(toMatchKey(me.name))
    const asked = [...names.values()]
    const peers = await Promise.all(asked.map((member) => contact(member)))
    const found = new Map(peers.flatMap((peer) => (peer ? [[peer.agentId, peer] as const] : [])))
    const missing = asked.filter((_, index) => peers[index] === undefined).map(({ agentName }) => agentName)
    return { found: [...found.values()], missing }
  }

  #hear(room: Room, message: GroupMessage, isProven: boolean): void {
    // a second answer of one member to one question is kept for its number, and shown to nobody
    const isShown = message.text !== '' && room.transcript.list().includes(message)
    if (isShown) this.#parts.showMessage(toView(room), toShown(message))
    this.#turns.consider(room, message, isProven)
  }

  #publishAnswer(room: Room, question: GroupMessage, text: string): void {
    const author = this.#parts.me.name
    const said = { kind: 'agent', author, text: text.toWellFormed(), question: toQuestionId(question) } as const
    try {
      const message = this.#publish(room, said)
      if (text !== '') this.#parts.showMessage(toView(room), toShown(message))
      this.#turns.consider(room, message, true)
    } catch (err) {
      if (!(err instanceof StorageError)) throw err
      this.#parts.audit({ type: 'peer.broken', agentId: question.writer, err })
    }
  }

  /** What is said is written down before anybody hears it, so that no number is ever used twice. */
  #publish(room: Room, said: Pick<GroupMessage, 'kind' | 'author' | 'text' | 'question' | 'answerers'>): GroupMessage {
    const { transcript, kept } = room
    const writer = this.#parts.me.agentId
    const sequence = transcript.haveOf(writer) + 1
    const message = { groupId: kept.charter.groupId, writer, sequence, clock: transcript.nextClock, ...said }
    this.#rooms.add(room, message)
    this.#delivery.publish(room, message)
    return message
  }

  #drop(room: Room, peer: Peer): void {
    const { members } = room.kept.charter
    const others = members.filter(({ agentId }) => agentId !== peer.agentId)
    if (others.length < members.length) this.#rewrite(room, others, 'removed')
    // it has not heard of it, or it would not ask again
    else this.#announce(room, [peer], 'removed')
  }

  #rewrite(room: Room, members: readonly Peer[], what: string): void {
    const { charter } = room.kept
    const removed = charter.members.filter(({ agentId }) => !members.some((member) => member.agentId === agentId))
    const state = members.length === 0 ? 'gone' : room.kept.state
    this.#rooms.keep({ ...room.kept, state, charter: { ...charter, members, version: charter.version + 1 } })
    const { me } = this.#parts
    this.#announce(
      room,
      removed.filter(({ agentId }) => agentId !== me.agentId),
      what,
    )
  }

  #announce(room: Room, removed: readonly Peer[], what: string): void {
    const { groupId, version } = room.kept.charter
    this.#parts.audit({ type: 'group.changed', groupId, version, what })
    this.#delivery.publishCharter(room, removed)
  }

  #takeLeave(room: Room): void {
    const { charter } = room.kept
    const { groupId, name: groupName } = charter
    const creator = findMember(charter, charter.creator)
    this.#rooms.keep({ ...room.kept, state: creator ? 'leaving' : 'gone' })
    this.#parts.audit({ type: 'group.changed', groupId, version: charter.version, what: 'left' })
    if (!creator) return
    const say = () => {
      if (room.kept.state !== 'leaving') return false
      const letter = { to: toRecipient(creator), intent: 'info', conversationId: groupId } as const
      const payload = { type: 'group-leave', groupId }
      void this.#delivery.send(creator, { ...letter, payload, group: { groupId, groupName } })
      return true
    }
    say()
    this.#delivery.insist(`leave ${groupId}`, say, () => this.#rooms.keep({ ...room.kept, state: 'gone' }))
  }

  #try<Outcome>(act: () => Outcome): Outcome | { readonly ok: false; readonly why: 'storage' } {
    try {
      return act()
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      return { ok: false, why: 'storage' }
    }
  }
}
