/** What an address of WhatsApp stands for. */
export type AddressKind = 'number' | 'hidden' | 'group' | 'status' | 'broadcast' | 'newsletter' | 'other'

/** Knows the number behind a hidden address, and the hidden address of a number, where WhatsApp has told it. */
export interface NumberBook {
  findNumber(lid: string): string | undefined
  findLid(number: string): string | undefined
}

const KINDS: Readonly<Record<string, AddressKind>> = {
  's.whatsapp.net': 'number',
  'c.us': 'number',
  // a number whose owner lets a company run it
  hosted: 'number',
  lid: 'hidden',
  'hosted.lid': 'hidden',
  'g.us': 'group',
  broadcast: 'broadcast',
  newsletter: 'newsletter',
}

/** User, agent, device and server of an address, such as `491711234567_1:12@s.whatsapp.net`. */
const ADDRESS = /^(?<user>[^@:_]+)(?:_\d+)?(?::\d+)?@(?<server>[a-z.]+)$/

/** What an address stands for. */
export const toKind = (address: string): AddressKind => {
  if (address === 'status@broadcast') return 'status'
  const server = ADDRESS.exec(address)?.groups?.['server'] ?? ''
  return (Object.hasOwn(KINDS, server) ? KINDS[server] : undefined) ?? 'other'
}

/** The part before the server, without the device. */
export const toUser = (address: string): string | undefined => ADDRESS.exec(address)?.groups?.['user']

/** An address of the person or group, whichever of their devices it names. */
export const withoutDevice = (address: string): string => {
  const { user, server } = ADDRESS.exec(address)?.groups ?? {}
  return user === undefined ? address : `${user}@${server}`
}

/** Addresses of one sender, as far as WhatsApp tells them. */
export type Addresses = readonly (string | null | undefined)[]

/**
 * The canonical id of whoever has these addresses: the digits of the number, wherever it is known, else `…@lid`. The
 * digits of a hidden address are never taken for a number.
 */
export const toPerson = (addresses: Addresses, book: Pick<NumberBook, 'findNumber'>): string | undefined => {
  const known = addresses.flatMap((each) => (each ? [each] : []))
  const number = known.find((each) => toKind(each) === 'number')
  if (number !== undefined) return toUser(number)
  const hidden = known.find((each) => toKind(each) === 'hidden')
  const lid = hidden === undefined ? undefined : toUser(hidden)
  return lid === undefined ? undefined : (book.findNumber(lid) ?? `${lid}@lid`)
}

/** Whether something can be the id of a chat: a group, or the canonical id of a person. */
export const isChatId = (id: string): boolean => /^[1-9]\d{4,14}$|^\d{1,20}@lid$/.test(id) || toKind(id) === 'group'

/** Where to write to a person, by the canonical id. */
export const toAddress = (personId: string, book: Pick<NumberBook, 'findLid'>): string => {
  if (personId.includes('@')) return personId
  const lid = book.findLid(personId)
  return lid === undefined ? `${personId}@s.whatsapp.net` : `${lid}@lid`
}
