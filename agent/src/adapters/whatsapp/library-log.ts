import type { SocketConfig } from '@whiskeysockets/baileys'
import type { ObserveWhatsApp } from './events.ts'

/** What Baileys logs to. */
export type LibraryLog = SocketConfig['logger']

/** Longest sentence that is told, in UTF-16 units. */
const SENTENCE_CHARS_MAX = 160

/** Sentences of Baileys name numbers now and then. */
const withoutNumbers = (sentence: string): string =>
  sentence
    .replaceAll(/\d{4,}/g, '#')
    .replaceAll(/\s+/g, ' ')
    .slice(0, SENTENCE_CHARS_MAX)

const nothing = (): void => undefined

/**
 * Tells what Baileys complains of: its sentence, and not its facts, since those hold addresses, texts and keys. What it
 * says below a warning is not listened to.
 */
export const createLibraryLog = (observe: ObserveWhatsApp): LibraryLog => {
  const tell = (level: 'warn' | 'error') => (facts: unknown, sentence?: string) => {
    const said = sentence ?? (typeof facts === 'string' ? facts : '')
    observe({ type: 'whatsapp.library', level, sentence: withoutNumbers(said) })
  }
  const log: LibraryLog = {
    level: 'warn',
    child: () => log,
    trace: nothing,
    debug: nothing,
    info: nothing,
    warn: tell('warn'),
    error: tell('error'),
  }
  return log
}
