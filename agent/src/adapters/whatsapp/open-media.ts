import { downloadContentFromMessage, extractMessageContent, type proto, toNumber } from '@whiskeysockets/baileys'

/** A file that came with a message, as its sender describes it. */
export interface Attachment {
  readonly kind: 'image' | 'video' | 'audio' | 'document' | 'sticker'
  readonly mimetype: string
  /** What the sender says; nobody else has measured it. */
  readonly bytes: number
  readonly mediaKey: Uint8Array
  readonly directPath: string
}

const KINDS = ['image', 'video', 'audio', 'document', 'sticker'] as const

/**
 * The file of a message, if it can be fetched. Its path begins with a slash: anything else could lead the request to a
 * host of the sender's choice.
 */
export const findAttachment = (message: proto.IMessage): Attachment | undefined => {
  const inner = extractMessageContent(message)
  for (const kind of KINDS) {
    const media = inner?.[`${kind}Message`]
    if (!media?.mediaKey || !media.directPath?.startsWith('/')) continue
    const { mimetype, mediaKey, directPath, fileLength } = media
    return { kind, mimetype: mimetype ?? '', bytes: toNumber(fileLength), mediaKey, directPath }
  }
  return undefined
}

/**
 * Fetches a file piece by piece, from the host that WhatsApp names and not from the one that the sender does: Baileys would
 * ask whatever machine a message tells it to.
 */
export const openMedia = async (
  { kind, mediaKey, directPath }: Attachment,
  host: string,
): Promise<AsyncIterable<Uint8Array>> => downloadContentFromMessage({ mediaKey, directPath }, kind, { host })
