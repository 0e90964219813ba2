import { Curve, DEFAULT_CONNECTION_CONFIG } from '@whiskeysockets/baileys'
import { Bringer } from '../../core/bringer.ts'
import { LateNotice } from '../../core/late-notice.ts'
import { toAddress, toKind } from './addresses.ts'
import { AppVersion } from './app-version.ts'
import { openBaileysSocket } from './baileys-socket.ts'
import { createComplain } from './complain.ts'
import { Connection } from './connection.ts'
import { Courier } from './courier.ts'
import { fetchVersion } from './fetch-version.ts'
import { guardSignatures } from './guard-signatures.ts'
import { Intake } from './intake.ts'
import { createLibraryLog } from './library-log.ts'
import type { OpenSocket } from './live-socket.ts'
import { createUser, LinkedMessenger } from './messenger.ts'
import type { Waiting } from './outbox.ts'
import { Pacing } from './pacing.ts'
import { Pairing } from './pairing.ts'
import { RetryCounts } from './retry-counts.ts'
import { openStores, type Stores } from './stores.ts'
import { Typing } from './typing.ts'
import { type WebVersion, WHATSAPP_BOUNDS, type WhatsAppMessenger, type WhatsAppParts } from './whatsapp-parts.ts'

/** Finds versions, and keeps the one that WhatsApp let in. */
const createVersions = ({ url, version }: WhatsAppParts, { settings }: Stores) => {
  const versions = new AppVersion({
    configured: version,
    fetchNewest: () => fetchVersion(url ?? new URL(DEFAULT_CONNECTION_CONFIG.waWebSocketUrl)),
    findKept: () => settings.findVersion(),
    builtIn: DEFAULT_CONNECTION_CONFIG.version,
  })
  let used: WebVersion | undefined
  return {
    find: async () => {
      const found = await versions.find()
      used = found.version
      return found
    },
    refresh: () => versions.refresh(),
    keep: () => {
      if (used) settings.saveVersion(used)
    },
  }
}

/** An answer quotes its question where others stand between them: in a group, or when the person has gone on. */
const findQuoted =
  ({ inbox }: Stores) =>
  ({ chat, answers }: Waiting): Uint8Array | undefined => {
    const original = answers === undefined ? undefined : inbox.findOriginal(answers)
    if (!original || (original.isNewest && toKind(chat) !== 'group')) return undefined
    return original.raw
  }

/**
 * Puts the room together. Nothing is connected before it is started.
 *
 * @throws {StartError} when its store cannot be used, or is damaged
 */
export const buildMessenger = (parts: WhatsAppParts): WhatsAppMessenger => {
  guardSignatures(Curve)
  const { admission, agent, clock, observe, takesGroups } = parts
  const random = parts.random ?? Math.random
  const bounds = { ...WHATSAPP_BOUNDS, ...parts.bounds }
  const stores = openStores(parts.dataDir)
  const { auth, arrivals, inbox, outbox, chats } = stores
  const complain = createComplain(observe)
  const shared = { clock, observe, complain }
  const findAddress = (chatId: string) =>
    toKind(chatId) === 'group' ? chatId : (chats.find(chatId) ?? toAddress(chatId, auth))
  const [owner] = admission.admins

  const bringer = new Bringer({
    ...{ clock, complain, inbox, bounds },
    tell: (why, messageId) => observe({ type: 'whatsapp.dropped', messageId, why }),
  })
  const pacing = new Pacing(bounds, random, clock.now())
  const courier = new Courier({
    ...shared,
    outbox,
    pacing,
    random,
    bounds,
    findAddress,
    findQuoted: findQuoted(stores),
  })
  const typing = new Typing({ clock, complain, findAddress, findSocket: () => connection.socket })
  const late = new LateNotice({
    ...{ clock, complain, inbox, quietMs: bounds.lateQuietMs },
    tell: (facts) => observe({ type: 'whatsapp.late', ...facts }),
    sendToOwner: (text, done) => {
      const chat = owner === undefined ? undefined : messenger.findChat(owner)
      const isKept = chat !== undefined && messenger.keep(chat, text, {}, done)
      if (isKept) courier.deliver()
      return isKept
    },
  })
  const intake = new Intake({
    ...{ ...shared, ...stores, bringer, access: admission },
    reading: () => ({
      own: [auth.creds.me?.id, auth.creds.me?.lid].filter((each) => each !== undefined),
      ...{ agent, takesGroups, book: auth },
    }),
    noteLate: () => late.note(),
    noteKept: (key) => {
      const { socket } = connection
      if (socket) void socket.markRead([key]).catch((error: unknown) => complain('mark-read', error))
    },
  })
  const numbers = [...admission.blocked, ...admission.admins, ...(admission.allowed ?? [])].filter(
    (each) => !each.includes('@'),
  )
  const versions = createVersions(parts, stores)
  const log = createLibraryLog(observe)
  const retries = new RetryCounts()
  const open: OpenSocket = async (listener) => {
    const { version, source } = await versions.find()
    observe({ type: 'whatsapp.version', version: version.join('.'), source })
    return openBaileysSocket(
      {
        ...{ auth, arrivals, version, url: parts.url, log, retries, takesGroups },
        findContent: (id) => outbox.findContent(id, clock.now()),
        now: () => clock.now(),
        complain: (error) => complain('keep-keys', error),
      },
      listener,
    )
  }
  const connection: Connection = new Connection({
    ...{ ...shared, open, auth, versions, random, bounds },
    user: createUser({ ...shared, stores, courier, intake, numbers }),
    pairing: new Pairing({ ...parts, complain: (error) => complain('request-code', error) }),
  })
  const messenger: LinkedMessenger = new LinkedMessenger({
    ...{ ...shared, stores, connection, courier, intake, bringer, typing, late, takesGroups, bounds },
  })
  return messenger
}
