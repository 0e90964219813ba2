import { Bringer } from '../../core/bringer.ts'
import { LateNotice } from '../../core/late-notice.ts'
import { CloudApiMessenger, PART_BOUNDS } from './cloud-messenger.ts'
import { CLOUD_BOUNDS, type CloudApiParts, type CloudMessenger } from './cloud-parts.ts'
import { Courier } from './courier.ts'
import { createComplain } from './events.ts'
import { GraphApi } from './graph-api.ts'
import { Intake } from './intake.ts'
import { RefusalTally } from './refusal-tally.ts'
import { Statuses } from './statuses.ts'
import { openStores } from './stores.ts'
import { TokenWatch } from './token-watch.ts'
import { Typing } from './typing.ts'
import { startWebhook } from './webhook.ts'

export type { CloudApiParts, CloudBounds, CloudMessenger, CloudSettings } from './cloud-parts.ts'
export type { CloudEvent, CloudState, ObserveCloud } from './events.ts'

/**
 * Makes the messenger of WhatsApp on Meta's Cloud API. Nothing listens and nothing is sent before it is started.
 *
 * @throws {StartError} when its store cannot be used, or is damaged
 */
export const openCloudApi = async (parts: CloudApiParts): Promise<CloudMessenger> => {
  const { admission, agent, clock, observe, settings } = parts
  const random = parts.random ?? Math.random
  const bounds = { ...CLOUD_BOUNDS, ...parts.bounds }
  const stores = openStores(parts.dataDir, bounds)
  const { inbox, outbox } = stores
  const complain = createComplain(observe)
  const shared = { clock, observe, complain }
  const [owner] = admission.admins

  const graph = new GraphApi({
    ...{ url: settings.graphUrl, version: settings.graphVersion, bounds: bounds.graph, clock },
    phoneNumberId: settings.phoneNumberId,
    accessToken: settings.accessToken,
  })
  const token: TokenWatch = new TokenWatch({
    ...{ ...shared, graph, everyMs: bounds.tokenEveryMs },
    onRefused: () => courier.pause(),
    onTaken: () => courier.begin(),
  })
  const onTokenRefused = (code: number) => token.noteRefused(code)
  const courier: Courier = new Courier({
    ...{ ...shared, outbox, graph, random, bounds: bounds.courier, onTokenRefused },
    textCharsMax: PART_BOUNDS.charsMax,
    findQuoted: (messageId) => inbox.findQuoted(messageId),
  })
  const bringer = new Bringer({
    ...{ inbox, clock, complain, bounds: bounds.bringer },
    tell: (why, messageId) => observe({ type: 'cloud.dropped', messageId, why }),
  })
  const typing = new Typing({ ...shared, graph, inbox, onTokenRefused, isOpen: () => messenger.isOpen })
  const late = new LateNotice({
    ...{ inbox, clock, complain, quietMs: bounds.lateQuietMs },
    sendToOwner: (text, done) => {
      const chat = owner === undefined ? undefined : messenger.findChat(owner)
      const isKept = chat !== undefined && messenger.keep(chat, text, {}, done)
      if (isKept) courier.deliver()
      return isKept
    },
    tell: (facts) => observe({ type: 'cloud.late', ...facts }),
  })
  const statuses = new Statuses({ clock, observe, outbox, courier, deliveriesMax: bounds.courier.deliveriesMax })
  const intake = new Intake({
    ...{ ...shared, stores, bringer, agent, access: admission },
    phoneNumberId: settings.phoneNumberId,
    takeStatus: (status) => statuses.take(status),
    noteLate: () => late.note(),
  })
  const tally = new RefusalTally(clock, observe)
  const messenger: CloudApiMessenger = new CloudApiMessenger({
    ...{ ...shared, stores, courier, intake, bringer, typing, late, graph, tally, token, bounds },
    startWebhook: () =>
      startWebhook({
        ...{ observe, complain, bounds: bounds.webhook },
        settings: {
          host: settings.webhookHost,
          port: settings.webhookPort,
          path: settings.webhookPath,
          appSecret: settings.appSecret,
          verifyToken: settings.verifyToken,
        },
        take: (body) => intake.take(body),
        refuse: (why) => tally.note(why),
      }),
  })
  return messenger
}
