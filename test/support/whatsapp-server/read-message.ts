import { extractMessageContent, normalizeMessageContent, type proto, type WAMessage } from '@whiskeysockets/baileys'
import type { Arrival } from './test-client.ts'

/** A message as a person sees it. */
export interface ReceivedMessage {
  readonly id: string
  /** The address of the chat, as it came. */
  readonly chat: string
  /** The sender's address, as it came: the member of a group, else the chat. */
  readonly from: string
  /** The other address of the sender, where it was told. */
  readonly fromAlt: string | undefined
  readonly text: string
  /** Name of a document. */
  readonly fileName: string | undefined
  /** The id of the message that it answers. */
  readonly quotedId: string | undefined
  readonly mentions: readonly string[]
  /** `notify` when it came live, `append` when it waited. */
  readonly type: string
  readonly raw: WAMessage
}

const toText = (content: proto.IMessage): string =>
  content.conversation ??
  content.extendedTextMessage?.text ??
  content.documentMessage?.caption ??
  content.imageMessage?.caption ??
  content.videoMessage?.caption ??
  ''

const toContext = (content: proto.IMessage): proto.IContextInfo | undefined =>
  content.extendedTextMessage?.contextInfo ??
  content.documentMessage?.contextInfo ??
  content.imageMessage?.contextInfo ??
  undefined

/** What a person would see of an arrival; undefined for what nobody sees: own messages, protocol, what is not decrypted. */
export const readMessage = ({ type, message }: Arrival): ReceivedMessage | undefined => {
  const { key, message: raw } = message
  const content = extractMessageContent(normalizeMessageContent(raw))
  if (key.fromMe || !content || !key.id || content.protocolMessage || content.reactionMessage) return undefined
  const chat = key.remoteJid ?? ''
  const context = toContext(content)
  return {
    id: key.id,
    chat,
    from: key.participant || chat,
    fromAlt: key.participantAlt ?? key.remoteJidAlt ?? undefined,
    text: toText(content),
    fileName: content.documentMessage?.fileName ?? undefined,
    quotedId: context?.stanzaId ?? undefined,
    mentions: context?.mentionedJid ?? [],
    type,
    raw: message,
  }
}
