import type { BinaryNode } from '@whiskeysockets/baileys'
import type { Account, Device } from './accounts.ts'
import type { RelayedMessage, Verdict } from './faults.ts'
import type { Group } from './group-list.ts'
import { type Attributes, partOf, partsOf, toNode, toSeconds } from './nodes.ts'
import type { World } from './world.ts'

/** What one device is to get of a message. */
interface Copy {
  readonly device: Device
  readonly encrypted: readonly BinaryNode[]
}

const MEMBERS_ONLY = 403
const NO_SUCH_GROUP = 404
const FLOODED = 429
const FIRST_CONTACT = 463

const toCopies = (world: World, sender: Device, message: BinaryNode, group: Group | undefined): readonly Copy[] => {
  const direct = partsOf(message, 'enc')
  const keyed = partsOf(partOf(message, 'participants'), 'to').flatMap((to): Copy[] => {
    const device = world.directory.findDevice(to.attrs['jid'] ?? '')
    return device === undefined ? [] : [{ device, encrypted: partsOf(to, 'enc') }]
  })
  // A message that is sent again goes to the one device that asked for it
  const only = world.directory.findDevice(message.attrs['participant'] ?? (group ? '' : (message.attrs['to'] ?? '')))
  if (direct.length > 0 && only !== undefined) return [{ device: only, encrypted: direct }]
  if (group === undefined) return keyed
  return [...group.members]
    .flatMap(({ devices }) => [...devices.values()])
    .filter((device) => device !== sender)
    .map((device) => ({
      device,
      encrypted: [...(keyed.find((copy) => copy.device === device)?.encrypted ?? []), ...direct],
    }))
}

/** The sender as the receiver is told: the name in this chat, and the other one beside it unless it is hidden. */
const toSenderAttributes = (world: World, sender: Device, to: string, receiver: Account): Attributes => {
  const { account } = sender
  const peer = world.directory.find(to)
  const isOwn = account === receiver
  const addressing = world.addressingOf(account, isOwn && peer !== undefined ? peer : receiver)
  const other = addressing === 'lid' ? 'pn' : 'lid'
  const named = { from: sender.toJid(addressing), addressing_mode: addressing }
  if (isOwn) {
    const recipient = peer?.toJid(addressing) ?? to
    return { ...named, recipient, ...(peer && { [`peer_recipient_${other}`]: peer.toJid(other) }) }
  }
  return account.isNumberHidden ? named : { ...named, [`sender_${other}`]: account.toJid(other) }
}

const toGroupAttributes = ({ jid, addressing }: Group, sender: Device): Attributes => {
  const { account } = sender
  const other = addressing === 'lid' ? 'pn' : 'lid'
  const named = { from: jid, participant: sender.toJid(addressing), addressing_mode: addressing }
  return account.isNumberHidden ? named : { ...named, [`participant_${other}`]: account.toJid(other) }
}

const hasWritten = (world: World, from: Account, to: Account): boolean =>
  world.relayed.all.some((message) => message.from === from.number && world.directory.find(message.to) === to)

const isFlooding = (world: World, sender: Account): boolean => {
  const { flood } = world.faults
  if (flood === undefined) return false
  const since = world.now - flood.windowMs
  const sent = world.relayed.all.filter(({ from, at }) => from === sender.number && at > since)
  return sent.length >= flood.messagesMax
}

const judge = (world: World, sender: Device, message: RelayedMessage): Verdict => {
  if (message.to.endsWith('@g.us')) {
    const group = world.groups.find(message.to)
    if (group === undefined) return NO_SUCH_GROUP
    if (!group.members.has(sender.account)) return MEMBERS_ONLY
  }
  const receiver = world.directory.find(message.to)
  if (world.faults.areFirstContactsRefused && receiver && !hasWritten(world, receiver, sender.account)) {
    return FIRST_CONTACT
  }
  return isFlooding(world, sender.account) ? FLOODED : world.faults.toVerdict(message)
}

const acknowledge = (world: World, sender: Device, { id, to }: RelayedMessage, verdict: Verdict): void => {
  if (verdict === 'withheld' || verdict === 'lost') return
  const refusal = verdict === 'given' ? {} : { error: String(verdict) }
  sender.line?.send(toNode('ack', { class: 'message', id, from: to, t: toSeconds(world.now), ...refusal }))
}

/** Takes a message of a client: judges it, acknowledges it, and passes each device what was encrypted for it. */
export const relayMessage = (world: World, sender: Device, message: BinaryNode): void => {
  const { id = '', to = '', type = 'text', edit } = message.attrs
  const group = world.groups.find(to)
  const copies = toCopies(world, sender, message, group)
  const encryption = copies.flatMap(({ encrypted }) => encrypted.map(({ attrs }) => attrs['type'] ?? ''))
  const relayed: RelayedMessage = { id, from: sender.account.number, to, encryption, at: world.now }
  const verdict = judge(world, sender, relayed)
  world.relayed.add(relayed)
  world.remember(id, { device: sender, to })
  acknowledge(world, sender, relayed, verdict)
  if (verdict === 'given' || verdict === 'withheld') {
    const { name } = sender.account
    const told = { id, type, t: toSeconds(world.now), ...(name && { notify: name }), ...(edit && { edit }) }
    for (const { device, encrypted } of copies) {
      const named = group ? toGroupAttributes(group, sender) : toSenderAttributes(world, sender, to, device.account)
      device.deliver(toNode('message', { ...told, ...named }, [...encrypted, ...partsOf(message, 'device-identity')]))
    }
  }
  world.changes.announce()
}

/** Passes a chat state, such as `composing`, to the devices of its receiver that are there. */
export const relayChatState = (world: World, sender: Device, stanza: BinaryNode): void => {
  const { to = '' } = stanza.attrs
  const state = partOf(stanza)?.tag ?? ''
  world.chatStates.add({ from: sender.account.number, to, state })
  const receiver = world.directory.find(to)
  if (receiver !== undefined) {
    const from = sender.account.toJid(world.addressingOf(sender.account, receiver))
    for (const device of world.devicesOnline(receiver))
      device.line?.send(toNode('chatstate', { from }, [toNode(state)]))
  }
  world.changes.announce()
}
