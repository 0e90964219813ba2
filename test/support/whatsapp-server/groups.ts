import { randomUUID } from 'node:crypto'
import type { BinaryNode } from '@whiskeysockets/baileys'
import type { Account, Device } from './accounts.ts'
import type { Group } from './group-list.ts'
import { partOf, partsOf, toError, toNode, toSeconds } from './nodes.ts'
import type { Ask, World } from './world.ts'

const toMember = ({ addressing, creator }: Group, account: Account): BinaryNode => {
  const jid = account.toJid(addressing)
  const other = addressing === 'lid' ? { phone_number: account.toJid('pn') } : { lid: account.toJid('lid') }
  return toNode('participant', {
    jid,
    ...(account.isNumberHidden ? {} : other),
    ...(account === creator && { type: 'superadmin' }),
  })
}

/** A group as its members are told. */
export const toGroupNode = (group: Group): BinaryNode =>
  toNode(
    'group',
    {
      id: group.jid,
      subject: group.subject,
      creation: toSeconds(group.createdAt),
      creator: group.creator.toJid(group.addressing),
      ...(!group.creator.isNumberHidden && { creator_pn: group.creator.toJid('pn') }),
      addressing_mode: group.addressing,
    },
    [...group.members].map((member) => toMember(group, member)),
  )

/** Tells members of a change that one of them made. */
const tell = (world: World, group: Group, actor: Account, members: Iterable<Account>, change: BinaryNode): void => {
  const attributes = {
    from: group.jid,
    id: randomUUID(),
    type: 'w:gp2',
    t: toSeconds(world.now),
    participant: actor.toJid(group.addressing),
  }
  for (const member of members) {
    for (const device of member.devices.values()) device.deliver(toNode('notification', attributes, [change]))
  }
}

const membersIn = (world: World, part: BinaryNode | undefined): readonly Account[] =>
  partsOf(part, 'participant').flatMap(({ attrs }) => world.directory.find(attrs['jid'] ?? '') ?? [])

type GroupAnswer = (ask: Ask, asker: Device) => BinaryNode[]

const NO_GROUP = toError(404, 'item-not-found')

const describeGroup: GroupAnswer = ({ world, query }, asker) => {
  const group = world.groups.find(query.attrs['to'] ?? '')
  if (group === undefined) return NO_GROUP
  return group.members.has(asker.account) ? [toGroupNode(group)] : toError(403, 'forbidden')
}

const createGroup: GroupAnswer = ({ world, part }, asker) => {
  const subject = part?.attrs['subject'] ?? ''
  const group = world.groups.create(subject, asker.account, membersIn(world, part), world.addressing, world.now)
  const created = toNode('create', {}, [toGroupNode(group)])
  tell(world, group, asker.account, group.members, created)
  return [toGroupNode(group)]
}

const listGroups: GroupAnswer = ({ world }, asker) => [
  toNode('groups', {}, world.groups.of(asker.account).map(toGroupNode)),
]

const changeMembers =
  (change: 'add' | 'remove'): GroupAnswer =>
  ({ world, query, part }, asker) => {
    const group = world.groups.find(query.attrs['to'] ?? '')
    if (group === undefined) return NO_GROUP
    const members = membersIn(world, part)
    const told = new Set([...group.members, ...members])
    for (const member of members) {
      if (change === 'add') group.members.add(member)
      else group.members.delete(member)
    }
    const list = toNode(
      change,
      {},
      members.map((member) => toMember(group, member)),
    )
    tell(world, group, asker.account, told, list)
    return [list]
  }

const leaveGroup: GroupAnswer = ({ world, part }, asker) => {
  for (const { attrs } of partsOf(part, 'group')) {
    const group = world.groups.find(attrs['id'] ?? '')
    if (group === undefined) continue
    const told = new Set(group.members)
    group.members.delete(asker.account)
    tell(world, group, asker.account, told, toNode('remove', {}, [toMember(group, asker.account)]))
  }
  return [toNode('leave', {}, [...partsOf(part, 'group')])]
}

/** What may be asked about groups, by the query's type and part. */
export const GROUP_ANSWERS: { readonly [query: string]: GroupAnswer } = {
  'get query': describeGroup,
  'get participating': listGroups,
  'set create': createGroup,
  'set add': changeMembers('add'),
  'set remove': changeMembers('remove'),
  'set leave': leaveGroup,
}

/** Whether an answer refuses. */
export const isRefusal = (answer: readonly BinaryNode[]): boolean =>
  partOf({ tag: '', attrs: {}, content: [...answer] }, 'error') !== undefined
