import { guardConsole } from './guard-console.ts'
import type { WhatsAppMessenger, WhatsAppParts } from './whatsapp-parts.ts'

/**
 * Makes the messenger of WhatsApp. Baileys, and libsignal with it, are loaded here and only when somebody asks; before
 * that, libsignal is kept from printing private keys to the console.
 *
 * @throws {StartError} when its store cannot be used, or is damaged
 */
export const openWhatsApp = async (parts: WhatsAppParts): Promise<WhatsAppMessenger> => {
  guardConsole(globalThis.console)
  const { buildMessenger } = await import('./build-messenger.ts')
  return buildMessenger(parts)
}
