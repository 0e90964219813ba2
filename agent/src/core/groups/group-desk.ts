import { toMatchKey } from '@ai-comms/shared'
import { ExchangeLaw } from '../envelopes/exchange-law.ts'
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
import type { GroupOutcome, GroupWish, SayOutcome } from './group-outcomes.ts'
import { GroupTurns, type TurnParts } from './group-turns.ts'
import { type GroupView, type ShownMessage, toShown, toView } from './group-view.ts'
import { Membership } from './membership.ts'
import type { Charter, GroupMessage, GroupStore } from './ports.ts'
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
  /** Told when a member, this one too, has answered a person's message, or has nothing to say to it. */
  readonly noteAnswer?: ((group: GroupView) => void) | undefined
  /** Whether to come into a group that a peer made; yes unless set. */
  readonly mayJoin?: ((charter: Charter, mail: Mail) => boolean) | undefined
}

/** Groups of agents and people: made, changed and left here, and spoken in. Who may is for the caller to say. */
export class GroupDesk {
  readonly #parts: GroupDeskParts
  readonly #rooms: Rooms
  readonly #delivery: Delivery
  readonly #membership: Membership
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
    this.#membership = new Membership({ me, rooms, delivery, audit })
    this.#turns = new GroupTurns({
      ...parts,
      law: new ExchangeLaw(),
      publish: (room, question, text) => this.#publishAnswer(room, question, text),
    })
    this.inbox = new GroupInbox({
      ...{ me, rooms, delivery, audit },
      mayJoin: parts.mayJoin ?? (() => true),
      onSaid: (room, message, isProven) => this.#hear(room, message, isProven),
      onLeaving: (room, peer) => this.#membership.drop(room, peer),
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
    const { found, missing } = await findMembers(members, this.#parts)
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
      this.#membership.announce(room, [], 'created')
      return { ok: true, group: toView(room), missing }
    })
  }

  /** Takes agents into a group that this one made. */
  async add(name: string, members: readonly PeerAddress[]): Promise<GroupOutcome> {
    const { found, missing } = await findMembers(members, this.#parts)
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
      if (others.length > 0) this.#membership.rewrite(room, [...charter.members, ...others], 'added')
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
      this.#membership.drop(room, member)
      return { ok: true, group: toView(room), missing: [] }
    })
  }

  /** Leaves a group; one that this agent made is closed for everybody. */
  leave(name: string): GroupOutcome {
    const room = this.#rooms.findNamed(name)
    if (!room) return { ok: false, why: 'no_such_group' }
    return this.#try<GroupOutcome>(() => {
      if (room.kept.charter.creator === this.#parts.me.agentId) this.#membership.rewrite(room, [], 'closed')
      else this.#membership.takeLeave(room)
      return { ok: true, group: toView(room), missing: [] }
    })
  }

  /** A person says something in a group: it goes to all members, and those who are meant answer once. */
  say(name: string, text: string, person: string): SayOutcome {
    const room = this.#rooms.findNamed(name)
    if (!room) return { ok: false, why: 'no_such_group' }
    if (text.trim() === '') return { ok: false, why: 'empty' }
    if (text.length > GROUP_TEXT_CHARS_MAX) return { ok: false, why: 'too_long' }
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

  #hear(room: Room, message: GroupMessage, isProven: boolean): void {
    // a second answer of one member to one question is kept for its number, and shown to nobody
    const isShown = message.text !== '' && room.transcript.list().includes(message)
    if (isShown) this.#parts.showMessage(toView(room), toShown(message))
    if (message.kind === 'agent') this.#parts.noteAnswer?.(toView(room))
    this.#turns.consider(room, message, isProven)
  }

  #publishAnswer(room: Room, question: GroupMessage, text: string): void {
    const author = this.#parts.me.name
    const said = { kind: 'agent', author, text, question: toQuestionId(question) } as const
    try {
      const message = this.#publish(room, said)
      if (text !== '') this.#parts.showMessage(toView(room), toShown(message))
      this.#parts.noteAnswer?.(toView(room))
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

  #try<Outcome>(act: () => Outcome): Outcome | { readonly ok: false; readonly why: 'storage' } {
    try {
      return act()
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      return { ok: false, why: 'storage' }
    }
  }
}

/** The peers of names, each asked who it is where that is not known; this agent itself needs no asking. */
const findMembers = async (
  members: readonly PeerAddress[],
  { me, contact }: Pick<GroupDeskParts, 'me' | 'contact'>,
): Promise<{ found: Peer[]; missing: string[] }> => {
  const names = new Map(members.map((member) => [toMatchKey(member.agentName), member]))
  names.delete(toMatchKey(me.name))
  const asked = [...names.values()]
  const peers = await Promise.all(asked.map((member) => contact(member)))
  const found = new Map(peers.flatMap((peer) => (peer ? [[peer.agentId, peer] as const] : [])))
  const missing = asked.filter((_, index) => peers[index] === undefined).map(({ agentName }) => agentName)
  return { found: [...found.values()], missing }
}
