import { extractMessageContent, normalizeMessageContent, type proto, toNumber } from '@whiskeysockets/baileys'
import { cutText } from '../../core/cut-text.ts'

/** Longest text that is read, in UTF-16 units: what WhatsApp itself lets people write. */
export const TEXT_CHARS_MAX = 65_536
/** Longest name of a file, place or contact that is told. */
const NAME_CHARS_MAX = 100
/** Options of a poll that are told. */
const OPTIONS_MAX = 12

/** A file that came with a message. */
export type MediaKind = 'image' | 'video' | 'audio' | 'document' | 'sticker'

/** What a message says. */
export interface Content {
  /** What a person wrote; empty where nothing was written. */
  readonly text: string
  /** What came with it, in words; empty where nothing did. */
  readonly description: string
  readonly media: MediaKind | undefined
  /** What it answers to and whom it mentions. */
  readonly context: proto.IContextInfo | undefined
}

/** Why there is nothing in a message that anybody said. */
export type Silence = 'protocol' | 'reaction' | 'poll-vote' | 'keys' | 'empty' | 'unreadable-kind'

type Inner = proto.IMessage

/** Kinds of messages that say nothing, and what they are. */
const SILENT: readonly (readonly [keyof Inner, Silence])[] = [
  ['protocolMessage', 'protocol'],
  ['keepInChatMessage', 'protocol'],
  ['pinInChatMessage', 'protocol'],
  ['call', 'protocol'],
  ['reactionMessage', 'reaction'],
  ['encReactionMessage', 'reaction'],
  ['pollUpdateMessage', 'poll-vote'],
]

/** The words of a stranger within our own: one line, and not long. */
const toName = (text: string | null | undefined): string =>
  (text ?? '')
    .replaceAll(/[\s\p{Cc}\]]+/gu, ' ')
    .trim()
    .slice(0, NAME_CHARS_MAX)

const note = (kind: string, ...details: readonly (string | undefined)[]): string =>
  `[${[kind, ...details.filter((each) => each !== undefined && each !== '')].join(', ')}]`

const toSeconds = (seconds: number | null | undefined): string | undefined => (seconds ? `${seconds} s` : undefined)

const describePlace = ({ degreesLatitude, degreesLongitude, name, address }: proto.Message.ILocationMessage): string =>
  note('location', `${degreesLatitude ?? '?'} ${degreesLongitude ?? '?'}`, toName(name), toName(address))

const describeContacts = (contacts: readonly proto.Message.IContactMessage[]): string => {
  const names = contacts.slice(0, OPTIONS_MAX).map(({ displayName }) => toName(displayName))
  return note(contacts.length === 1 ? 'contact' : `${contacts.length} contacts`, ...names)
}

const describePoll = ({ name, options }: proto.Message.IPollCreationMessage): string =>
  note('poll', toName(name), ...(options ?? []).slice(0, OPTIONS_MAX).map(({ optionName }) => toName(optionName)))

const describeMedia = (inner: Inner): readonly [MediaKind, string] | undefined => {
  const { imageMessage, videoMessage, ptvMessage, audioMessage, documentMessage, stickerMessage } = inner
  const video = videoMessage ?? ptvMessage
  if (imageMessage) return ['image', note('image')]
  if (video) return ['video', note('video', toSeconds(video.seconds))]
  if (audioMessage) {
    return ['audio', note(audioMessage.ptt ? 'voice message' : 'audio', toSeconds(audioMessage.seconds))]
  }
  if (documentMessage) {
    const bytes = toNumber(documentMessage.fileLength)
    const name = toName(documentMessage.fileName ?? documentMessage.title)
    return ['document', note('document', name, toName(documentMessage.mimetype), bytes ? `${bytes} bytes` : undefined)]
  }
  return stickerMessage ? ['sticker', note('sticker')] : undefined
}

const describeOther = (inner: Inner): string => {
  const place = inner.locationMessage ?? inner.liveLocationMessage
  const poll = inner.pollCreationMessage ?? inner.pollCreationMessageV2 ?? inner.pollCreationMessageV3
  if (place) return describePlace(place)
  if (inner.contactMessage) return describeContacts([inner.contactMessage])
  if (inner.contactsArrayMessage) return describeContacts(inner.contactsArrayMessage.contacts ?? [])
  if (poll) return describePoll(poll)
  if (inner.eventMessage) return note('event', toName(inner.eventMessage.name))
  return inner.groupInviteMessage ? note('invitation to a group', toName(inner.groupInviteMessage.groupName)) : ''
}

const findText = (inner: Inner): string | null | undefined =>
  inner.conversation ||
  inner.extendedTextMessage?.text ||
  inner.imageMessage?.caption ||
  inner.videoMessage?.caption ||
  inner.documentMessage?.caption ||
  inner.buttonsResponseMessage?.selectedDisplayText ||
  inner.listResponseMessage?.title ||
  inner.templateButtonReplyMessage?.selectedDisplayText ||
  inner.interactiveResponseMessage?.body?.text

/** The context of whichever kind of message has one. */
const findContext = (inner: Inner): proto.IContextInfo | undefined => {
  for (const part of Object.values(inner)) {
    if (typeof part === 'object' && part !== null && 'contextInfo' in part && part.contextInfo) {
      return part.contextInfo as proto.IContextInfo
    }
  }
  return undefined
}

const findSilence = (inner: Inner): Silence => {
  const silent = SILENT.find(([kind]) => inner[kind])
  if (silent) return silent[1]
  const kinds = Object.entries(inner).filter(([kind, part]) => part && kind !== 'messageContextInfo')
  if (kinds.length === 0) return 'empty'
  return kinds.every(([kind]) => /senderKeyDistributionMessage$/i.test(kind)) ? 'keys' : 'unreadable-kind'
}

/** Unwraps a message: disappearing, seen once, with a caption, edited, from a template. */
const unwrap = (message: proto.IMessage): Inner =>
  extractMessageContent(message) ?? normalizeMessageContent(message) ?? message

/** What a message says, in text or in words about what came with it; or why it says nothing. */
export const readContent = (message: proto.IMessage): Content | Silence => {
  const inner = unwrap(message)
  const media = describeMedia(inner)
  const text = cutText(findText(inner) ?? '', TEXT_CHARS_MAX)
  const description = media?.[1] ?? describeOther(inner)
  if (text === '' && description === '') return findSilence(inner)
  return { text, description, media: media?.[0], context: findContext(inner) }
}
