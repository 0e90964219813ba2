import { type BinaryNode, jidDecode } from '@whiskeysockets/baileys'
import { type Device, toWaitingKey } from './accounts.ts'
import { type Attributes, partOf, partsOf, toNode, toSeconds } from './nodes.ts'
import type { Origin, World } from './world.ts'

/** Receipts that are between a client and the server, or between the devices of one account. */
const NOT_FOR_THE_SENDER = new Set(['sender', 'peer_msg', 'hist_sync', 'read-self', 'server-error'])

/** How the sender is told whose receipt it is: retry receipts name the device, others the chat that was addressed. */
const toOriginAttributes = (world: World, from: Device, { to }: Origin, isRetry: boolean): Attributes => {
  const group = world.groups.find(to)
  if (group !== undefined) {
    const participant = from.account.toJid(group.addressing, isRetry ? from.id : undefined)
    return { from: to, participant }
  }
  return { from: isRetry ? from.toJid(jidDecode(to)?.server === 'lid' ? 'lid' : 'pn') : to }
}

const forward = (world: World, from: Device, receipt: BinaryNode, id: string): void => {
  const origin = world.originOf(id)
  const { type, t = toSeconds(world.now) } = receipt.attrs
  if (origin === undefined || origin.device.account === from.account || NOT_FOR_THE_SENDER.has(type ?? '')) return
  const named = toOriginAttributes(world, from, origin, type === 'retry')
  // `inactive` is a delivery to somebody who is not looking
  const kind: Attributes = type === undefined || type === 'inactive' ? {} : { type }
  const parts = partsOf(receipt).filter(({ tag }) => tag !== 'list')
  origin.device.deliver(toNode('receipt', { id, t, ...kind, ...named }, parts.length > 0 ? [...parts] : undefined))
}

/** Takes a receipt of a client: the messages no longer wait, and their sender is told. */
export const relayReceipt = (world: World, from: Device, receipt: BinaryNode): void => {
  const { id = '', type = 'delivery' } = receipt.attrs
  const ids = [id, ...partsOf(partOf(receipt, 'list'), 'item').map(({ attrs }) => attrs['id'] ?? '')]
  world.receipts.add({ from: from.account.number, type, ids })
  if (!world.faults.areReceiptsLost) {
    for (const each of ids) {
      from.waiting.delete(toWaitingKey('message', each))
      forward(world, from, receipt, each)
    }
  }
  world.changes.announce()
}

/** A client has taken a stanza, or says that it could not: either way it does not come again. */
export const takeAcknowledgement = (world: World, from: Device, { attrs }: BinaryNode): void => {
  const { class: tag = '', id = '' } = attrs
  if (tag !== 'message' || !world.faults.areReceiptsLost) from.waiting.delete(toWaitingKey(tag, id))
  world.changes.announce()
}
