import type { BinaryNode } from '@whiskeysockets/baileys'
import type { Account, Addressing, Device } from './accounts.ts'
import type { Group } from './group-list.ts'
import { type Attributes, bytesOf, partOf, partsOf, toNode } from './nodes.ts'
import type { World } from './world.ts'

/** What one device is to get of a message. */
export interface Copy {
  readonly device: Device
  readonly encrypted: readonly BinaryNode[]
}

/** Where people post what all their contacts may see. */
const STATUS = 'status@broadcast'

const keyedCopies = (world: World, message: BinaryNode): readonly Copy[] =>
  partsOf(partOf(message, 'participants'), 'to').flatMap((to): Copy[] => {
    const device = world.directory.findDevice(to.attrs['jid'] ?? '')
    return device === undefined ? [] : [{ device, encrypted: partsOf(to, 'enc') }]
  })

/** Who gets what of a message: each device its own part, and the members of a group what all of them share. */
export const toCopies = (world: World, sender: Device, message: BinaryNode, group?: Group): readonly Copy[] => {
  const { participant = '', to = '' } = message.attrs
  const shared = partsOf(message, 'enc')
  const keyed = keyedCopies(world, message)
  // What is sent to a group again goes to the one device that asked for it
  const only = world.directory.findDevice(participant)
  if (only !== undefined) return [{ device: only, encrypted: shared }]
  if (to === STATUS) return keyed.map(({ device, encrypted }) => ({ device, encrypted: [...encrypted, ...shared] }))
  if (group === undefined) return keyed
  const devices = [...group.members].flatMap((member) => [...member.devices.values()])
  return devices
    .filter((device) => device !== sender)
    .map((device) => {
      const own = keyed.find((copy) => copy.device === device)?.encrypted ?? []
      return { device, encrypted: [...own, ...shared] }
    })
}

/** A part that was damaged on its way: it cannot be decrypted. */
export const garble = (encrypted: BinaryNode): BinaryNode => {
  const bytes = bytesOf(encrypted)
  const last = bytes.length - 1
  bytes.writeUInt8(bytes.readUInt8(last) ^ 0xff, last)
  return toNode(encrypted.tag, encrypted.attrs, bytes)
}

const theOther = (addressing: Addressing): Addressing => (addressing === 'lid' ? 'pn' : 'lid')

/** The sender in a chat of two. A copy for another device of the sender names the receiver. */
const toPeerAttributes = (world: World, sender: Device, to: string, receiver: Account): Attributes => {
  const { account } = sender
  const peer = world.directory.find(to)
  const isOwn = account === receiver
  const addressing = world.addressingOf(account, isOwn && peer !== undefined ? peer : receiver)
  const other = theOther(addressing)
  const named = { from: sender.toJid(addressing), addressing_mode: addressing }
  if (!isOwn) return account.isNumberHidden ? named : { ...named, [`sender_${other}`]: account.toJid(other) }
  if (peer === undefined) return { ...named, recipient: to }
  return { ...named, recipient: peer.toJid(addressing), [`peer_recipient_${other}`]: peer.toJid(other) }
}

/** The sender in a chat of many. */
const toMemberAttributes = (chat: string, { account, id }: Device, addressing: Addressing): Attributes => {
  const other = theOther(addressing)
  const named = { from: chat, participant: account.toJid(addressing, id), addressing_mode: addressing }
  return account.isNumberHidden ? named : { ...named, [`participant_${other}`]: account.toJid(other) }
}

/** How a receiver is told who wrote: the name in this chat, and the other one beside it unless it is hidden. */
export const toSenderAttributes = (
  world: World,
  sender: Device,
  to: string,
  receiver: Account,
  group?: Group,
): Attributes =>
  group === undefined && to !== STATUS
    ? toPeerAttributes(world, sender, to, receiver)
    : toMemberAttributes(to, sender, group?.addressing ?? 'lid')
