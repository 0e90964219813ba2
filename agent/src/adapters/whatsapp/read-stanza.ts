import { type BinaryNode, BufferJSON } from '@whiskeysockets/baileys'
import { toKind, toPerson } from './addresses.ts'
import type { Unread } from './arrivals.ts'
import type { Incoming } from './inbox.ts'
import { type ReadingParts, WHATSAPP } from './read-message.ts'

/** What the agent is told in place of a message that could not be opened. */
const UNREADABLE = '[a message that could not be opened; ask for it again]'

/** A stanza as text, bytes and all. */
export const writeStanza = (node: BinaryNode): string => JSON.stringify(node, BufferJSON.replacer)

/** A stanza from its text. */
export const readStanza = (text: string): BinaryNode => JSON.parse(text, BufferJSON.reviver) as BinaryNode

/**
 * What stands for a message that nobody could open, so that whoever may write is asked for it again; nothing for those of
 * groups, since nobody knows whom they were for.
 */
export const toUnreadable = ({ chat, sender, stanza }: Unread, parts: ReadingParts): Incoming | undefined => {
  if (toKind(chat) === 'group') return undefined
  const { attrs } = readStanza(stanza)
  const person = toPerson([sender, attrs['sender_pn'], attrs['sender_lid']], parts.book)
  if (person === undefined) return undefined
  return {
    channel: WHATSAPP,
    chat: { id: person, isGroup: false },
    sender: { id: person, name: undefined },
    text: UNREADABLE,
    sentAt: (Number(attrs['t']) || 0) * 1_000,
    isAddressed: true,
    quote: undefined,
  }
}
