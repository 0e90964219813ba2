import { randomBytes } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { type BinaryNode, proto } from '@whiskeysockets/baileys'
import type { Device } from './accounts.ts'
import { toNode, toSeconds } from './nodes.ts'
import type { World } from './world.ts'

const { HistorySync, Message } = proto
const BEGINNING = HistorySync.HistorySyncType.INITIAL_BOOTSTRAP

/**
 * What a phone tells a companion that it has just linked: an empty history, and who is who among its contacts. Without
 * it Baileys holds back everything for 20 s after the first login.
 */
export const toHistory = (world: World, device: Device): BinaryNode => {
  const known = world.directory.accounts.filter(({ isNumberHidden }) => !isNumberHidden)
  const phoneNumberToLidMappings = known.map((each) => ({ pnJid: each.toJid('pn'), lidJid: each.toJid('lid') }))
  const history = HistorySync.encode({ syncType: BEGINNING, phoneNumberToLidMappings }).finish()
  const message = Message.encode({
    protocolMessage: {
      type: Message.ProtocolMessage.Type.HISTORY_SYNC_NOTIFICATION,
      historySyncNotification: { syncType: BEGINNING, initialHistBootstrapInlinePayload: deflateSync(history) },
    },
  }).finish()
  const id = randomBytes(10).toString('hex').toUpperCase()
  const attributes = { from: device.account.toJid('pn'), id, type: 'text', category: 'peer', t: toSeconds(world.now) }
  return toNode('message', attributes, [toNode('plaintext', {}, message)])
}
