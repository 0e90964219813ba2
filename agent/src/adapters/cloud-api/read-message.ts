import { cutText } from '../../core/cut-text.ts'
import type { InboundMessage, Quote } from '../../core/message.ts'
import type { MessageKind } from './events.ts'
import { isNumber, isUserId } from './person-ids.ts'
import { readContent, type Silence } from './read-content.ts'
import { toReference } from './signature.ts'
import type { WireMessage } from './webhook-body.ts'

/** Name of the channel: the same people and the same chats, whichever way WhatsApp is reached. */
export const WHATSAPP = 'whatsapp'

/** Longest name of a person that is passed on, in UTF-16 units. */
const NAME_CHARS_MAX = 100
/** Longest quote that is passed on: enough to know what is meant. */
const QUOTE_CHARS_MAX = 2_000

/** Why a message is not passed on. */
export type Ignored = Silence | 'group' | 'unknown-sender'

/** What a message is. `pair` is a number and a user id that came together. */
export type Reading =
  | {
      readonly kind: 'message'
      readonly message: InboundMessage
      readonly content: MessageKind
      readonly pair: { readonly userId: string; readonly number: string } | undefined
    }
  | { readonly kind: 'ignored'; readonly id: string; readonly why: Ignored }

/** What reading messages takes. */
export interface ReadingParts {
  /** Name of this agent, for what is quoted of it. */
  readonly agent: string
  readonly names: ReadonlyMap<string, string>
  /** The number behind a user id, if it is known. */
  readonly findNumber: (userId: string) => string | undefined
  /** What a message says that Meta has under this id, in a chat. */
  readonly findQuoted: (wamid: string, chat: string) => { readonly isOwn: boolean; readonly text: string } | undefined
}

interface Who {
  readonly person: string
  readonly name: string | undefined
  readonly pair: { readonly userId: string; readonly number: string } | undefined
}

/** Who wrote: by number where there is one or ever was one, else by user id. */
const findWho = ({ from = '', from_user_id: fromUserId = '' }: WireMessage, parts: ReadingParts): Who | undefined => {
  const number = isNumber(from) ? from : undefined
  const userId = isUserId(fromUserId) ? fromUserId : undefined
  const person = number ?? (userId && (parts.findNumber(userId) ?? userId))
  if (person === undefined) return undefined
  const name = parts.names.get(number ?? '') ?? parts.names.get(userId ?? '')
  return {
    person,
    name: name?.trim().slice(0, NAME_CHARS_MAX) || undefined,
    pair: number !== undefined && userId !== undefined ? { userId, number } : undefined,
  }
}

const readQuote = ({ context }: WireMessage, chat: string, { agent, findQuoted }: ReadingParts): Quote | undefined => {
  const quoted = context?.id === undefined ? undefined : findQuoted(context.id, chat)
  return quoted && { from: quoted.isOwn ? agent : undefined, text: cutText(quoted.text, QUOTE_CHARS_MAX) }
}

/** Reads a message as Meta delivers it; or says why it is nothing to be answered. */
export const readMessage = (wire: WireMessage, parts: ReadingParts): Reading => {
  const id = toReference(wire.id)
  const ignore = (why: Ignored): Reading => ({ kind: 'ignored', id, why })
  // an answer would go to one of its members alone
  if (wire.group_id !== undefined) return ignore('group')
  const content = readContent(wire)
  if (typeof content === 'string') return ignore(content)
  const who = findWho(wire, parts)
  if (who === undefined) return ignore('unknown-sender')
  return {
    kind: 'message',
    content: content.kind,
    pair: who.pair,
    message: {
      id,
      channel: WHATSAPP,
      chat: { id: who.person, isGroup: false },
      sender: { id: who.person, name: who.name },
      text: content.text,
      sentAt: wire.timestamp * 1_000,
      isAddressed: true,
      quote: readQuote(wire, who.person, parts),
    },
  }
}
