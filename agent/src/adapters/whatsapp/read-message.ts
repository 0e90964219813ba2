import { type proto, toNumber, type WAMessage } from '@whiskeysockets/baileys'
import { cutText } from '../../core/cut-text.ts'
import type { Quote } from '../../core/message.ts'
import { type NumberBook, toKind, toPerson, toUser, withoutDevice } from './addresses.ts'
import type { MessageKey } from './arrivals.ts'
import type { Incoming } from './inbox.ts'
import { type Content, readContent, type Silence } from './read-content.ts'

/** Name of the channel. */
export const WHATSAPP = 'whatsapp'

/** Longest name of a person that is passed on, in UTF-16 units. */
const NAME_CHARS_MAX = 100
/** Longest quote that is passed on: enough to know what is meant. */
const QUOTE_CHARS_MAX = 2_000

/** Why a message is not passed on. */
export type Ignored =
  | Silence
  | 'own'
  | 'status'
  | 'broadcast'
  | 'newsletter'
  | 'group'
  | 'not-addressed'
  | 'unknown-sender'
  | 'nameless'

/** What a message is. */
export type Reading =
  | { readonly kind: 'message'; readonly key: MessageKey; readonly message: Incoming; readonly content: Content }
  /** It could not be opened; its sender is asked to seal it anew, and it comes again. */
  | { readonly kind: 'sealed'; readonly key: MessageKey }
  | { readonly kind: 'ignored'; readonly key: MessageKey; readonly why: Ignored }

/** What reading messages takes. */
export interface ReadingParts {
  /** Addresses of this account: its number and its hidden one, as far as they are known. */
  readonly own: readonly string[]
  /** Name of this agent, in place of its address where it is mentioned. */
  readonly agent: string
  readonly takesGroups: boolean
  readonly book: Pick<NumberBook, 'findNumber'>
}

/** `messageStubType` of what could not be opened, @see WebMessageInfo.StubType */
const SEALED_STUB = 2

/** What names a message, whichever of its sender's devices it came from. */
export const toKey = ({ remoteJid, participant, id }: proto.IMessageKey): MessageKey => {
  const chat = withoutDevice(remoteJid ?? '')
  // an empty participant is none
  return { chat, sender: participant ? withoutDevice(participant) : chat, id: id ?? '' }
}

const isOwn = (address: string | null | undefined, { own }: ReadingParts): boolean => {
  const user = address ? toUser(address) : undefined
  return user !== undefined && own.some((each) => toUser(each) === user)
}

/** Why nothing from a chat is read, whatever it is. */
const findRefusal = (key: proto.IMessageKey, chat: string, parts: ReadingParts): Ignored | undefined => {
  if (!key.id || chat === '') return 'nameless'
  if (key.fromMe) return 'own'
  const kind = toKind(chat)
  switch (kind) {
    case 'status':
    case 'broadcast':
    case 'newsletter':
      return kind
    case 'group':
      return parts.takesGroups ? undefined : 'group'
    case 'other':
      return 'unknown-sender'
    case 'number':
    case 'hidden':
      return undefined
  }
}

const readQuote = (context: proto.IContextInfo | undefined, parts: ReadingParts): Quote | undefined => {
  if (!context?.quotedMessage) return undefined
  const quoted = readContent(context.quotedMessage)
  if (typeof quoted === 'string') return undefined
  const text = cutText(toText(quoted, parts), QUOTE_CHARS_MAX)
  return { from: isOwn(context.participant, parts) ? parts.agent : undefined, text }
}

/** People see a name where the text has the address of whoever is mentioned; one before a command only says who is meant. */
const toText = ({ text, description }: Content, { own, agent }: ReadingParts): string => {
  const users = own.map(toUser).filter((user) => user !== undefined && /^\d+$/.test(user))
  const mention = `@(?:${users.join('|')})(?!\\d)`
  const named =
    users.length === 0
      ? text
      : text
          .replace(new RegExp(`^(?:\\s*${mention})+[\\s,:]*(?=!)`), '')
          .replaceAll(new RegExp(mention, 'g'), () => `@${agent}`)
  return [description, named].filter((each) => each !== '').join('\n')
}

const isAddressed = (context: proto.IContextInfo | undefined, parts: ReadingParts): boolean =>
  (context?.mentionedJid ?? []).some((each) => isOwn(each, parts)) || isOwn(context?.participant, parts)

/** Reads a message as it came from Baileys, without waiting for anything; or says why it is nothing to be answered. */
export const readMessage = (original: WAMessage, parts: ReadingParts): Reading => {
  const { key: names, message, messageStubType } = original
  const key = toKey(names)
  const ignore = (why: Ignored): Reading => ({ kind: 'ignored', key, why })
  const refusal = findRefusal(names, key.chat, parts)
  if (refusal !== undefined) return ignore(refusal)
  if (!message) return messageStubType === SEALED_STUB ? { kind: 'sealed', key } : ignore('empty')
  const isGroup = toKind(key.chat) === 'group'
  const addresses = isGroup ? [names.participant, names.participantAlt] : [names.remoteJid, names.remoteJidAlt]
  const person = toPerson(addresses, parts.book)
  if (person === undefined) return ignore('unknown-sender')
  const content = readContent(message)
  if (typeof content === 'string') return ignore(content)
  if (isGroup && !isAddressed(content.context, parts)) return ignore('not-addressed')
  return {
    kind: 'message',
    key,
    content,
    message: {
      channel: WHATSAPP,
      chat: { id: isGroup ? key.chat : person, isGroup },
      sender: { id: person, name: original.pushName?.slice(0, NAME_CHARS_MAX) || undefined },
      text: toText(content, parts),
      sentAt: toNumber(original.messageTimestamp) * 1_000,
      isAddressed: true,
      quote: readQuote(content.context, parts),
    },
  }
}
