import { createHmac, randomUUID } from 'node:crypto'
import { type BinaryNode, Curve, proto, S_WHATSAPP_NET } from '@whiskeysockets/baileys'
import { type Account, Device } from './accounts.ts'
import type { Connection } from './connection.ts'
import { toNode, toSeconds, toServerQuery } from './nodes.ts'
import type { Registration } from './registration.ts'
import type { World } from './world.ts'

const RESTART = 515
/** Begins what an account signs to vouch for a companion. */
const ACCOUNT_SIGNATURE = Buffer.from([6, 0])

/** The account's word for a companion, under the secret that only the companion and the phone share. */
const vouch = (account: Account, { identityKey }: Registration, id: number, secret: string, now: number) => {
  const details = proto.ADVDeviceIdentity.encode({
    rawId: 1,
    timestamp: Math.floor(now / 1000),
    keyIndex: id,
  }).finish()
  const { public: accountSignatureKey, private: key } = account.identity
  const accountSignature = Curve.sign(key, Buffer.concat([ACCOUNT_SIGNATURE, details, identityKey]))
  const signed = proto.ADVSignedDeviceIdentity.encode({ details, accountSignatureKey, accountSignature }).finish()
  const hmac = createHmac('sha256', Buffer.from(secret, 'base64')).update(signed).digest()
  return proto.ADVSignedDeviceIdentityHMAC.encode({ details: signed, hmac }).finish()
}

/** Links a waiting client to an account, as the phone does that knows the client's secret; the client has to sign yet. */
export const link = (
  world: World,
  connection: Connection,
  registration: Registration,
  account: Account,
  secret: string,
): Device => {
  const { noiseKey, registrationId, identityKey, signedPreKey } = registration
  const keys = { registrationId, identityKey, signedPreKey, preKeys: [] }
  const device = new Device(account, account.takeDeviceId(), noiseKey, keys)
  registration.linked = device
  const success = toNode('pair-success', {}, [
    toNode('device-identity', {}, vouch(account, registration, device.id, secret, world.now)),
    toNode('device', { jid: device.toJid('pn'), lid: device.toJid('lid') }),
    toNode('platform', { name: 'android' }),
  ])
  connection.send(toServerQuery('pair-success', [success]))
  return device
}

/** Tells everybody who is there that an account's devices are others than before: clients remember them for minutes. */
const tellOfDevices = (world: World, account: Account): void => {
  const names = account.isNumberHidden ? [account.toJid('lid')] : [account.toJid('lid'), account.toJid('pn')]
  const devices = names.map((jid) => toNode('device', { jid }))
  const attributes = { from: account.toJid('lid'), type: 'devices', t: toSeconds(world.now) }
  for (const device of [...world.devicesOnline()]) {
    device.deliver(toNode('notification', { ...attributes, id: randomUUID() }, [toNode('update', {}, devices)]))
  }
}

/** The client has signed: from its next login on it is a companion. */
export const finishPairing = (world: World, connection: Connection, registration: Registration): void => {
  const { linked } = registration
  if (linked === undefined) return
  linked.account.devices.set(linked.id, linked)
  connection.end(RESTART)
  tellOfDevices(world, linked.account)
  world.changes.announce()
}

/** Takes a companion's place from it, as the phone does under Linked devices. */
export const unlink = (world: World, device: Device): void => {
  device.account.devices.delete(device.id)
  device.line?.end(401)
  tellOfDevices(world, device.account)
  world.changes.announce()
}

/** Connections that wait to be paired. */
export const findRegistration = (
  world: World,
  fits: (registration: Registration) => boolean,
): { readonly connection: Connection; readonly registration: Registration } | undefined => {
  for (const [connection, role] of world.roles) {
    if (role.name === 'registering' && fits(role.registration)) return { connection, registration: role.registration }
  }
  return undefined
}

/** The parts of a QR code: `ref,noise key,identity key,secret,platform` behind an address. */
export const readQr = (qr: string) => {
  const [ref = '', noiseKey = '', identityKey = '', secret = ''] = qr.slice(qr.indexOf('#') + 1).split(',')
  return { ref, noiseKey, identityKey, secret }
}

/** The notification that takes a client's secret back; the child differs between two variants that were seen. */
export const toRefresh = (now: number, child: 'companion_reg_refresh' | 'pair-device-rotate-qr'): BinaryNode =>
  toNode('notification', { type: 'companion_reg_refresh', id: randomUUID(), from: S_WHATSAPP_NET, t: toSeconds(now) }, [
    toNode(child),
  ])
