import { Bringer } from '../../core/bringer.ts'
import { LateNotice } from '../../core/late-notice.ts'
import { toAddress, toKind } from './addresses.ts'
import { createComplain } from './complain.ts'
import { Connection, type ConnectionParts } from './connection.ts'
import { createUser } from './connection-user.ts'
import { Courier } from './courier.ts'
import { Intake } from './intake.ts'
import type { OpenSocket } from './live-socket.ts'
import { MediaFolder } from './media-folder.ts'
import { LinkedMessenger } from './messenger.ts'
import { findAttachment } from './open-media.ts'
import type { Waiting } from './outbox.ts'
import { Pacing } from './pacing.ts'
import { Pairing } from './pairing.ts'
import type { Stores } from './stores.ts'
import { Typing } from './typing.ts'
import { WHATSAPP_BOUNDS, type WhatsAppMessenger, type WhatsAppParts } from './whatsapp-parts.ts'

/** What the room is put together from. */
export interface AssemblyParts extends WhatsAppParts {
  readonly stores: Stores
  readonly open: OpenSocket
  readonly versions: ConnectionParts['versions']
}

/** An answer quotes its question where others stand between them: in a group, or when the person has gone on. */
const findQuoted =
  ({ inbox }: Stores) =>
  ({ chat, answers }: Waiting): Uint8Array | undefined => {
    const original = answers === undefined ? undefined : inbox.findOriginal(answers)
    if (!original || (original.isNewest && toKind(chat) !== 'group')) return undefined
    return original.raw
  }

/** Numbers whose hidden addresses must be known, so that a list of numbers holds for whoever hides one. */
const toNumbers = ({ blocked, admins, allowed }: WhatsAppParts['admission']): readonly string[] =>
  [...blocked, ...admins, ...(allowed ?? [])].filter((each) => /^\d+$/.test(each))

/** Puts the room together, whatever its sockets are made of. Nothing is connected before it is started. */
export const assembleMessenger = (parts: AssemblyParts): WhatsAppMessenger => {
  const { admission, agent, clock, observe, open, stores, takesGroups, versions } = parts
  const { auth, inbox, outbox, chats } = stores
  const random = parts.random ?? Math.random
  const bounds = { ...WHATSAPP_BOUNDS, ...parts.bounds }
  const complain = createComplain(observe)
  const shared = { clock, observe, complain }
  const findAddress = (chatId: string) =>
    toKind(chatId) === 'group' ? chatId : (chats.find(chatId) ?? toAddress(chatId, auth))

  const bringer = new Bringer({
    ...{ clock, complain, inbox, bounds },
    tell: (why, messageId) => observe({ type: 'whatsapp.dropped', messageId, why }),
  })
  const courier = new Courier({
    ...{ ...shared, outbox, random, bounds, findAddress },
    pacing: new Pacing(bounds, random, clock.now()),
    findQuoted: findQuoted(stores),
  })
  const typing = new Typing({ clock, complain, findAddress, findSocket: () => connection.socket })
  const late = new LateNotice({
    ...{ clock, complain, inbox, quietMs: bounds.lateQuietMs },
    tell: (facts) => observe({ type: 'whatsapp.late', ...facts }),
    sendToOwner: (text, done) => messenger.tellOwner(text, done),
  })
  const media = new MediaFolder({
    ...{ ...shared, dataDir: parts.dataDir, bytesMax: parts.mediaBytesMax ?? 0 },
    open: (attachment) => connection.socket?.openMedia(attachment),
  })
  const intake = new Intake({
    ...{ ...shared, ...stores, bringer, access: admission },
    reading: () => ({ own: auth.own, agent, takesGroups, book: auth }),
    noteLate: () => late.note(),
    noteKept: ({ key, message }, messageId) => {
      const attachment = message ? findAttachment(message) : undefined
      if (attachment) media.offer(messageId, attachment)
      void connection.socket?.markRead([key]).catch((error: unknown) => complain('mark-read', error))
    },
  })
  const connection: Connection = new Connection({
    ...{ ...shared, open, auth, versions, random, bounds },
    user: createUser({ ...shared, stores, courier, intake, numbers: toNumbers(admission) }),
    pairing: new Pairing({ ...parts, complain: (error) => complain('request-code', error) }),
  })
  const [owner] = admission.admins
  const messenger: LinkedMessenger = new LinkedMessenger({
    ...{ ...shared, stores, connection, courier, intake, bringer, typing, late, takesGroups, bounds, owner },
  })
  return messenger
}
