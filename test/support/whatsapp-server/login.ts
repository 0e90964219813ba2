import { type BinaryNode, type proto, S_WHATSAPP_NET } from '@whiskeysockets/baileys'
import type { Device } from './accounts.ts'
import type { Connection } from './connection.ts'
import { toHistory } from './history.ts'
import { toNode, toSeconds, toServerQuery } from './nodes.ts'
import { readRegistration } from './registration.ts'
import type { World } from './world.ts'

const CLIENT_TOO_OLD = 405
const LOGGED_OUT = 401
const REPLACED = 440

/** The companion that says it is this one; undefined for one that was unlinked, or whose key is another's. */
const findCompanion = (world: World, noiseKey: Buffer, payload: proto.ClientPayload): Device | undefined => {
  const device = world.directory.findByNumber(String(payload.username))?.devices.get(payload.device ?? 0)
  return device?.noiseKey.equals(noiseKey) ? device : undefined
}

const welcome = (world: World, connection: Connection, device: Device, payload: proto.ClientPayload): void => {
  device.line?.end(REPLACED)
  device.line = connection
  device.isCaughtUp = false
  if (payload.pushName) device.account.name ??= payload.pushName
  world.roles.set(connection, { name: 'companion', device })
  connection.send(toNode('success', { t: toSeconds(world.now), lid: device.toJid('lid') }))
}

/** Lets a client in: as a companion that it has been, or to be paired; or refuses it with a code. */
export const enter = (world: World, connection: Connection, noiseKey: Buffer, payload: proto.ClientPayload): void => {
  const { faults } = world
  const revision = payload.userAgent?.appVersion?.tertiary ?? 0
  const registration = readRegistration(noiseKey, payload, faults.qrCodesMax)
  const number = registration === undefined ? String(payload.username) : undefined
  const device = findCompanion(world, noiseKey, payload)
  const note = (outcome: 'welcome' | number) => {
    world.attempts.add({ number, revision, at: world.now, outcome })
    world.changes.announce()
  }
  const code = revision < faults.oldestRevision ? CLIENT_TOO_OLD : faults.toLoginCode(number)
  if (code === undefined && registration !== undefined) {
    world.roles.set(connection, { name: 'registering', registration })
    const refs = registration.refs.map((ref) => toNode('ref', {}, Buffer.from(ref)))
    connection.send(toServerQuery('pair-device', [toNode('pair-device', {}, refs)]))
    note('welcome')
  } else if (code === undefined && device !== undefined) {
    welcome(world, connection, device, payload)
    note('welcome')
  } else {
    connection.fail(code ?? LOGGED_OUT)
    note(code ?? LOGGED_OUT)
  }
}

/** Tells a companion what it has missed, then that this was all. */
export const tellWhatWaits = (world: World, device: Device): void => {
  const { line } = device
  const missed: BinaryNode[] = [...device.waiting.values()]
  for (const stanza of missed) line?.send({ ...stanza, attrs: { ...stanza.attrs, offline: '0' } })
  device.isCaughtUp = true
  line?.send(toNode('ib', { from: S_WHATSAPP_NET }, [toNode('offline', { count: String(missed.length) })]))
  if (!device.hasHistory) {
    device.hasHistory = true
    line?.send(toHistory(world, device))
  }
  world.changes.announce()
}
