import {
  type BinaryNode,
  Browsers,
  DEFAULT_CONNECTION_CONFIG,
  generateWAMessage,
  makeWASocket,
  proto,
  type WAMessage,
  type WASocket,
} from '@whiskeysockets/baileys'
import type { MessagePart } from '../../core/message-parts.ts'
import { toKind, toUser, withoutDevice } from './addresses.ts'
import type { Arrivals } from './arrivals.ts'
import type { AuthStore } from './auth-store.ts'
import { commitFirst } from './commit-first.ts'
import { findStatus } from './events.ts'
import type { LibraryLog } from './library-log.ts'
import type { Composition, LiveSocket, SocketListener } from './live-socket.ts'
import { openMedia } from './open-media.ts'
import { followRefresh } from './pairing-refresh.ts'
import { readStanza, writeStanza } from './read-stanza.ts'
import { rememberOpened, toDigest } from './remember-opened.ts'
import type { RetryCounts } from './retry-counts.ts'
import type { WebVersion } from './whatsapp-parts.ts'

/** What a socket is made of. */
export interface SocketParts {
  readonly auth: AuthStore
  readonly arrivals: Arrivals
  readonly version: WebVersion
  readonly url: URL | undefined
  readonly log: LibraryLog
  readonly retries: RetryCounts
  readonly takesGroups: boolean
  /** What was sent under an id. */
  readonly findContent: (id: string) => Uint8Array | undefined
  readonly now: () => number
  /** Told of what only a trouble of the storage can cause. */
  readonly complain: (error: unknown) => void
}

/** Longest wait for an answer of the server, in milliseconds. */
const QUERY_MS_MAX = 30_000
/** Delivery and reading, as WhatsApp counts them. @see WebMessageInfo.Status */
const DELIVERED = 3
const READ = 4

const isIgnored = (address: string, takesGroups: boolean): boolean => {
  const kind = toKind(address)
  return kind === 'status' || kind === 'broadcast' || kind === 'newsletter' || (kind === 'group' && !takesGroups)
}

const makeSocket = ({ auth, arrivals, version, url, log, retries, takesGroups, findContent }: SocketParts): WASocket =>
  makeWASocket({
    auth: { creds: auth.creds, keys: auth.keys },
    version: [...version],
    ...(url ? { waWebSocketUrl: url } : {}),
    logger: log,
    // some accounts are not linked to a device whose name is unusual
    browser: Browsers.ubuntu('Chrome'),
    // the phone keeps ringing
    markOnlineOnConnect: false,
    syncFullHistory: false,
    defaultQueryTimeoutMs: QUERY_MS_MAX,
    transactionOpts: { maxCommitRetries: 3, delayBetweenTriesMs: 500 },
    msgRetryCounterCache: retries,
    shouldIgnoreJid: (address) => isIgnored(address, takesGroups),
    // by the id alone: whoever asks again names a device, and not the chat
    getMessage: async ({ id }) => {
      const content = id ? findContent(id) : undefined
      return content && proto.Message.decode(content)
    },
    makeSignalRepository: commitFirst(rememberOpened(DEFAULT_CONNECTION_CONFIG.makeSignalRepository, arrivals)),
  })

const toContent = (draft: MessagePart) =>
  draft.kind === 'text'
    ? // no preview: it would fetch whatever address the text names
      { text: draft.text, linkPreview: null }
    : {
        document: Buffer.from(draft.text),
        mimetype: 'text/plain',
        fileName: draft.fileName,
        caption: draft.caption,
      }

/** Tells the listener what Baileys says in events, and in stanzas that it has no events for. */
const listen = (socket: WASocket, { auth, complain }: SocketParts, listener: SocketListener): void => {
  const { creds } = auth
  socket.ev.on('creds.update', () => {
    try {
      auth.save(creds)
    } catch (error) {
      complain(error)
    }
  })
  socket.ev.on('connection.update', ({ connection, isNewLogin, lastDisconnect, reachoutTimeLock }) => {
    if (isNewLogin) listener.notePaired()
    if (reachoutTimeLock?.isActive) listener.noteTimeLock(reachoutTimeLock.timeEnforcementEnds?.getTime())
    if (connection === 'open') listener.noteOpen()
    if (connection === 'close') listener.noteClosed(findStatus(lastDisconnect?.error) ?? 0)
  })
  const noteStatus = (id: string | null | undefined, status: number | null | undefined) => {
    if (id && (status ?? 0) >= DELIVERED) listener.noteDelivered(id, (status ?? 0) >= READ ? 'read' : 'delivered')
  }
  socket.ev.on('messages.upsert', ({ messages }) => {
    // while events are held back, the status of our own messages comes with them
    for (const { key, status } of messages) if (key.fromMe) noteStatus(key.id, status)
    listener.takeMessages(messages)
  })
  socket.ev.on('messages.update', (updates) => {
    for (const { key, update } of updates) noteStatus(key.id, update.status)
  })
  socket.ws.on('CB:ack,class:message', ({ attrs }: BinaryNode) => {
    if (attrs['id']) listener.noteAck(attrs['id'], attrs['error'])
  })
  socket.ws.on('frame', () => listener.noteSign())
}

/** Whether a stanza holds a message that somebody else sent. */
const isForeign = ({ attrs }: BinaryNode, own: readonly string[]): boolean => {
  const sender = toUser(attrs['participant'] ?? attrs['from'] ?? '')
  return attrs['category'] !== 'peer' && !attrs['recipient'] && !own.some((each) => toUser(each) === sender)
}

/** Writes each message down as it comes, before Baileys begins to open it. */
const noteArrivals = (socket: WASocket, { auth, arrivals, takesGroups, now, complain }: SocketParts): void => {
  socket.ws.on('CB:message', (node: BinaryNode) => {
    const { from = '', participant, id = '' } = node.attrs
    if (id === '' || isIgnored(from, takesGroups) || !isForeign(node, auth.own)) return
    const content = Array.isArray(node.content) ? node.content : []
    const sealed = content.flatMap((each) =>
      each.tag === 'enc' && each.content instanceof Uint8Array ? [each.content] : [],
    )
    const chat = withoutDevice(from)
    const sender = participant ? withoutDevice(participant) : chat
    try {
      arrivals.note({ chat, sender, id, stanza: writeStanza(node), digests: sealed.map(toDigest) }, now())
    } catch (error) {
      complain(error)
    }
  })
}

const decodeQuoted = (quoted: Uint8Array | undefined): WAMessage | undefined => {
  const original = quoted && proto.WebMessageInfo.decode(quoted)
  return original?.key ? { ...original, key: original.key } : undefined
}

const compose = async (socket: WASocket, log: LibraryLog, address: string, composition: Composition) => {
  const quoted = decodeQuoted(composition.quoted)
  const { message } = await generateWAMessage(address, toContent(composition.draft), {
    userJid: socket.user?.id ?? '',
    messageId: composition.id,
    upload: socket.waUploadToServer,
    logger: log,
    ...(quoted ? { quoted } : {}),
  })
  if (!message) throw new TypeError('Baileys has made no message')
  return proto.Message.encode(message).finish()
}

/** Opens a connection of Baileys. */
export const openBaileysSocket = (parts: SocketParts, listener: SocketListener): LiveSocket => {
  const socket = makeSocket(parts)
  followRefresh(socket, parts.auth.creds, (qr) => listener.takeQr(qr))
  listen(socket, parts, listener)
  noteArrivals(socket, parts)
  return {
    startedAt: parts.now(),
    compose: (address, composition) => compose(socket, parts.log, address, composition),
    relay: async (address, id, content) => {
      await socket.relayMessage(address, proto.Message.decode(content), { messageId: id })
    },
    showTyping: (address, isTyping) => socket.sendPresenceUpdate(isTyping ? 'composing' : 'paused', address),
    markRead: (keys) => socket.readMessages([...keys]),
    learnNumbers: async (numbers) => {
      const addresses = numbers.map((number) => `${number}@s.whatsapp.net`)
      await socket.signalRepository.lidMapping.getLIDsForPNs(addresses)
    },
    replay: (stanza) => {
      const node = readStanza(stanza)
      socket.ws.emit('CB:message', { ...node, attrs: { offline: '0', ...node.attrs } })
    },
    openMedia: async (attachment) => {
      await socket.refreshMediaConn()
      return openMedia(attachment, socket.getMediaHost())
    },
    requestCode: (number) => socket.requestPairingCode(number),
    end: async () => socket.end(undefined),
  }
}
