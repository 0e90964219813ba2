/** The person at the terminal: whoever may type there owns the agent. */
export const OWNER_ID = 'console'

/** A WhatsApp address that has a phone number, as any of its devices writes it. */
const NUMBER_ADDRESS = /^(?<number>[1-9]\d{4,14})(?:_\d{1,3})?(?::\d{1,5})?@(?:s\.whatsapp\.net|c\.us)$/
/** A WhatsApp address that hides the number; its digits are an id and never compared with a number. */
const HIDDEN_ADDRESS = /^(?<id>\d{1,20})(?::\d{1,5})?@lid$/
/** What people, address books and web pages put between digits, invisible direction marks included. */
const SEPARATORS = /[\s./()\p{Pd}\p{Cf}]/gu
/** The zero of national calls, where it is written although it is not dialled: +49 (0) 171 … */
const NATIONAL_ZERO = /^(\+|00)(\d{1,3})\(0\)/
/** An E.164 number: at most fifteen digits, none of which is a leading zero. */
const PHONE_NUMBER = /^(?:\+|00)?(?<number>[1-9]\d{4,14})$/

/**
 * The one spelling by which somebody is known: the E.164 digits of a phone number, `…@lid` for a WhatsApp address that
 * hides it, `console` for the terminal; undefined for anything else. A number without its country code cannot be told
 * from another country's, so one that begins with a single zero is none.
 *
 * @see https://www.itu.int/rec/T-REC-E.164
 */
export const toIdentity = (text: string): string | undefined => {
  const plain = text.normalize('NFKC').trim()
  if (plain === OWNER_ID) return OWNER_ID
  const hidden = HIDDEN_ADDRESS.exec(plain)?.groups?.['id']
  if (hidden !== undefined) return `${hidden}@lid`
  const address = NUMBER_ADDRESS.exec(plain)?.groups?.['number']
  if (address !== undefined) return address
  const spaceless = plain.replace(/^(?:tel|whatsapp):/i, '').replaceAll(/[\s\p{Cf}]/gu, '')
  const dialled = spaceless.replace(NATIONAL_ZERO, '$1$2').replaceAll(SEPARATORS, '')
  return PHONE_NUMBER.exec(dialled)?.groups?.['number']
}

/** How a sender is compared: canonically where that is possible, else exactly as its channel writes it. */
export const toComparable = (senderId: string): string => toIdentity(senderId) ?? senderId
