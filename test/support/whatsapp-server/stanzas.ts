import { type BinaryNode, S_WHATSAPP_NET } from '@whiskeysockets/baileys'
import type { Device } from './accounts.ts'
import type { Connection } from './connection.ts'
import { relayChatState, relayMessage } from './messages.ts'
import { partOf, toNode } from './nodes.ts'
import { answerQuery } from './queries.ts'
import { relayReceipt, takeAcknowledgement } from './receipts.ts'
import type { World } from './world.ts'

type Taker = (world: World, device: Device, stanza: BinaryNode) => void

/** What becomes of the stanzas of a companion that are no queries. */
const TAKERS: { readonly [tag: string]: Taker } = {
  message: relayMessage,
  receipt: (world, device, stanza) => {
    relayReceipt(world, device, stanza)
    const { id = '', to = S_WHATSAPP_NET } = stanza.attrs
    device.line?.send(toNode('ack', { class: 'receipt', id, from: to }))
  },
  ack: takeAcknowledgement,
  chatstate: relayChatState,
  presence: (_world, { account }, { attrs }) => {
    account.name ??= attrs['name']
  },
}

/** Takes a stanza of a client. */
export const takeStanza = (world: World, connection: Connection, stanza: BinaryNode): void => {
  const role = world.roleOf(connection)
  if (stanza.tag === 'iq') answerQuery({ world, connection, query: stanza, part: partOf(stanza), role })
  else if (role.name === 'companion') TAKERS[stanza.tag]?.(world, role.device, stanza)
}
