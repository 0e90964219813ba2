import { Curve, DEFAULT_CONNECTION_CONFIG } from '@whiskeysockets/baileys'
import { AppVersion } from './app-version.ts'
import { assembleMessenger } from './assemble-messenger.ts'
import { openBaileysSocket } from './baileys-socket.ts'
import { createComplain } from './complain.ts'
import { fetchVersion } from './fetch-version.ts'
import { guardSignatures } from './guard-signatures.ts'
import { createLibraryLog } from './library-log.ts'
import type { OpenSocket } from './live-socket.ts'
import { RetryCounts } from './retry-counts.ts'
import { openStores, type Stores } from './stores.ts'
import type { WebVersion, WhatsAppMessenger, WhatsAppParts } from './whatsapp-parts.ts'

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

/** Opens sockets of Baileys on what is kept. */
const createOpen = (
  { clock, observe, takesGroups, url }: WhatsAppParts,
  { auth, arrivals, outbox }: Stores,
  versions: ReturnType<typeof createVersions>,
): OpenSocket => {
  const log = createLibraryLog(observe)
  const retries = new RetryCounts()
  const complain = createComplain(observe)
  return async (listener) => {
    const { version, source } = await versions.find()
    observe({ type: 'whatsapp.version', version: version.join('.'), source })
    const parts = {
      ...{ auth, arrivals, version, url, log, retries, takesGroups },
      findContent: (id: string) => outbox.findContent(id, clock.now()),
      now: () => clock.now(),
      complain: (error: unknown) => complain('keep-keys', error),
    }
    return openBaileysSocket(parts, listener)
  }
}

/**
 * Puts the room together on Baileys.
 *
 * @throws {StartError} when its store cannot be used, or is damaged
 */
export const buildMessenger = (parts: WhatsAppParts): WhatsAppMessenger => {
  guardSignatures(Curve)
  const stores = openStores(parts.dataDir)
  const versions = createVersions(parts, stores)
  return assembleMessenger({ ...parts, stores, versions, open: createOpen(parts, stores, versions) })
}
