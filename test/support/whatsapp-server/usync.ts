import { type BinaryNode, jidDecode } from '@whiskeysockets/baileys'
import type { Account } from './accounts.ts'
import { bytesIn, partOf, partsOf, toNode } from './nodes.ts'
import type { World } from './world.ts'

/** What may be asked about somebody, and what is said. */
const FACTS: { readonly [wanted: string]: (account: Account | undefined, jid: string) => BinaryNode | undefined } = {
  contact: (account) => toNode('contact', { type: account === undefined ? 'out' : 'in' }),
  // The anonymous id is told for a number, and never the number for an id
  lid: (account, jid) =>
    account === undefined || jidDecode(jid)?.server === 'lid'
      ? undefined
      : toNode('lid', { val: account.toJid('lid') }),
  devices: (account) => {
    const ids = [...(account?.devices.keys() ?? [])].map(String)
    const list = ids.map((id) => toNode('device', { id, 'key-index': id }))
    return toNode('devices', {}, [toNode('device-list', {}, list)])
  },
}

const describe = (world: World, user: BinaryNode, wanted: readonly string[]): BinaryNode[] => {
  const number = bytesIn(user, 'contact').toString().replace(/\D/g, '')
  const jid = user.attrs['jid'] ?? (number === '' ? undefined : `${number}@s.whatsapp.net`)
  if (jid === undefined) return []
  const account = world.directory.find(jid)
  const facts = wanted.flatMap((name) => FACTS[name]?.(account, jid) ?? [])
  return [toNode('user', { jid }, facts)]
}

/** Answers who is on WhatsApp, under which anonymous id, and with which devices. */
export const synchronizeUsers = (world: World, request: BinaryNode | undefined): BinaryNode => {
  const wanted = partsOf(partOf(request, 'query')).map(({ tag }) => tag)
  const users = partsOf(partOf(request, 'list'), 'user').flatMap((user) => describe(world, user, wanted))
  const { sid = '', context = '' } = request?.attrs ?? {}
  return toNode('usync', { sid, mode: 'query', context, last: 'true' }, [toNode('list', {}, users)])
}
