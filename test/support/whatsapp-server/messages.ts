import type { BinaryNode } from '@whiskeysockets/baileys'
import type { Device } from './accounts.ts'
import { garble, toCopies, toSenderAttributes } from './copies.ts'
import type { RelayedMessage } from './faults.ts'
import { type Attributes, partOf, partsOf, toNode, toSeconds } from './nodes.ts'
import { judge } from './verdicts.ts'
import type { World } from './world.ts'

const acknowledge = (world: World, sender: Device, { id, to, verdict }: RelayedMessage): void => {
  if (verdict === 'withheld' || verdict === 'lost') return
  const refusal: Attributes = verdict === 'given' ? {} : { error: String(verdict) }
  sender.line?.send(toNode('ack', { class: 'message', id, from: to, t: toSeconds(world.now), ...refusal }))
}

/** Takes a message of a client: judges it, acknowledges it, and passes each device what was encrypted for it. */
export const relayMessage = (world: World, sender: Device, message: BinaryNode): void => {
  const { id = '', to = '', type = 'text', edit } = message.attrs
  const { name, number } = sender.account
  const group = world.groups.find(to)
  const copies = toCopies(world, sender, message, group)
  const encryption = copies.flatMap(({ encrypted }) => encrypted.map(({ attrs }) => attrs['type'] ?? ''))
  const sent = { id, from: number, to, encryption, at: world.now }
  const relayed: RelayedMessage = { ...sent, verdict: judge(world, sender.account, sent) }
  const isGarbled = world.faults.isGarbled(sent)
  world.relayed.add(relayed)
  acknowledge(world, sender, relayed)
  if (relayed.verdict === 'given' || relayed.verdict === 'withheld') {
    world.remember(id, { device: sender, to })
    const told = { id, type, t: toSeconds(world.now), ...(name && { notify: name }), ...(edit && { edit }) }
    for (const { device, encrypted } of copies) {
      const named = toSenderAttributes(world, sender, to, device.account, group)
      const parts = isGarbled ? encrypted.map(garble) : encrypted
      device.deliver(toNode('message', { ...told, ...named }, [...parts, ...partsOf(message, 'device-identity')]))
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
    const told = toNode('chatstate', { from }, [toNode(state)])
    for (const device of world.devicesOnline(receiver)) device.line?.send(told)
  }
  world.changes.announce()
}
