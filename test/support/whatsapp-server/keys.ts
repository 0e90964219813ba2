import type { BinaryNode } from '@whiskeysockets/baileys'
import type { Device } from './accounts.ts'
import { partOf, partsOf, toNode } from './nodes.ts'
import type { World } from './world.ts'

/** Curve25519, as key bundles say it. */
const KEY_TYPE = Buffer.from([5])

/** Keeps what a device hands in: one-time keys to give away, and perhaps a new signed one. */
export const storePreKeys = ({ keys }: Device, query: BinaryNode): void => {
  keys.preKeys.push(...partsOf(partOf(query, 'list'), 'key'))
  keys.signedPreKey = partOf(query, 'skey') ?? keys.signedPreKey
}

/** Replaces a device's signed key. */
export const rotateSignedPreKey = ({ keys }: Device, query: BinaryNode): void => {
  keys.signedPreKey = partOf(partOf(query, 'rotate'), 'skey') ?? keys.signedPreKey
}

/** What is needed to write to these devices for the first time; each one-time key is given once. */
export const giveKeyBundles = (world: World, request: BinaryNode | undefined): BinaryNode => {
  const users = partsOf(request, 'user').flatMap(({ attrs: { jid = '' } }) => {
    const keys = world.directory.findDevice(jid)?.keys
    if (keys === undefined) return []
    const oneTime = keys.preKeys.shift()
    const parts = [
      toNode('registration', {}, keys.registrationId),
      toNode('type', {}, KEY_TYPE),
      toNode('identity', {}, keys.identityKey),
      keys.signedPreKey,
      ...(oneTime === undefined ? [] : [oneTime]),
    ]
    return [toNode('user', { jid }, parts)]
  })
  return toNode('list', {}, users)
}
