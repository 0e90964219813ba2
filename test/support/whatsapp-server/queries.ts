import type { BinaryNode } from '@whiskeysockets/baileys'
import type { Device } from './accounts.ts'
import { takeCodeStep } from './code-pairing.ts'
import { GROUP_ANSWERS, isRefusal } from './groups.ts'
import { giveKeyBundles, rotateSignedPreKey, storePreKeys } from './keys.ts'
import { tellWhatWaits } from './login.ts'
import { partOf, partsOf, toAnswer, toNode } from './nodes.ts'
import { finishPairing, unlink } from './pairing.ts'
import { synchronizeUsers } from './usync.ts'
import type { Ask } from './world.ts'

type Answer = (ask: Ask, device: Device) => BinaryNode[] | undefined
const nothing: Answer = () => undefined

/** What a companion may ask, as `namespace type part`, and the content of the answer. */
const ANSWERS: { readonly [query: string]: Answer } = {
  'w:p get ping': nothing,
  'passive set passive': nothing,
  'passive set active': nothing,
  'privacy set tokens': nothing,
  'urn:xmpp:whatsapp:dirty set clean': nothing,
  'w:stats  add': nothing,
  'encrypt get count': ({ world }, { keys }) => {
    // Whoever hears of none hands in 812, which takes longer than all the rest of a login
    const count = Math.max(keys.preKeys.length, world.areAllKeysWanted ? 0 : 1)
    return [toNode('count', { value: String(count) })]
  },
  'encrypt get digest': () => [toNode('digest')],
  'encrypt get key': ({ world, part }) => [giveKeyBundles(world, part)],
  'encrypt set registration': ({ query }, device) => void storePreKeys(device, query),
  'encrypt set rotate': ({ query }, device) => void rotateSignedPreKey(device, query),
  'usync get usync': ({ world, part }) => [synchronizeUsers(world, part)],
  'w:sync:app:state set sync': ({ part }) => [
    toNode(
      'sync',
      {},
      partsOf(part, 'collection').map(({ attrs }) => toNode('collection', { name: attrs['name'] ?? '', version: '0' })),
    ),
  ],
  'abt get props': () => [toNode('props', { hash: 'test' })],
  'blocklist get': () => [toNode('list')],
  'privacy get privacy': () => [toNode('privacy', {}, [toNode('category', { name: 'readreceipts', value: 'all' })])],
  'w:m set media_conn': ({ world }) => [
    toNode('media_conn', { auth: 'test', ttl: '3600' }, [toNode('host', { hostname: world.media.host })]),
  ],
}

/** What follows once the answer is on its way. */
const SEQUELS: { readonly [query: string]: (ask: Ask, device: Device) => void } = {
  'passive set active': ({ world }, device) => tellWhatWaits(world, device),
  'md set remove-companion-device': ({ world }, device) => unlink(world, device),
}

const toQueryName = ({ query, part }: Ask): string =>
  [query.attrs['xmlns'], query.attrs['type'], part?.tag]
    .map((word) => word ?? '')
    .join(' ')
    .trimEnd()

const answerCompanion = (ask: Ask, device: Device): void => {
  const { world, connection, query } = ask
  const name = toQueryName(ask)
  const groupAnswer = name.startsWith('w:g2 ') ? GROUP_ANSWERS[name.slice('w:g2 '.length)] : undefined
  const answer = groupAnswer ?? ANSWERS[name]
  if (answer === undefined && SEQUELS[name] === undefined) world.unknownQueries.add(name)
  const content = answer?.(ask, device)
  connection.send(toAnswer(query, content, isRefusal(content ?? []) ? 'error' : 'result'))
  SEQUELS[name]?.(ask, device)
  world.changes.announce()
}

/** Answers a query of a client, or takes its answer to one of the server's. */
export const answerQuery = (ask: Ask): void => {
  const { world, connection, query, part, role } = ask
  if (query.attrs['type'] === 'result') {
    const hasSigned = partOf(query, 'pair-device-sign') !== undefined
    if (hasSigned && role.name === 'registering') finishPairing(world, connection, role.registration)
  } else if (role.name === 'companion') {
    answerCompanion(ask, role.device)
  } else if (part?.tag === 'link_code_companion_reg') {
    takeCodeStep(ask)
  } else {
    connection.send(toAnswer(query))
  }
}
