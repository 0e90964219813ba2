import { describe, expect, it } from 'vitest'
import type { WhatsAppEvent } from './events.ts'
import { createLibraryLog } from './library-log.ts'

describe('what Baileys complains of', () => {
  it('is told without its facts, and without the numbers in its sentence', () => {
    const events: WhatsAppEvent[] = []
    const log = createLibraryLog((event) => events.push(event)).child({ class: 'socket' })
    log.warn({ jid: '491711234567@s.whatsapp.net' }, 'No mapping for\n491711234567@s.whatsapp.net')
    log.error({ err: new Error('secret'), text: 'secret' }, 'failed to decrypt')
    log.error('a sentence alone')
    log.error({ text: 'secret' })
    expect(events).toEqual([
      { type: 'whatsapp.library', level: 'warn', sentence: 'No mapping for #@s.whatsapp.net' },
      { type: 'whatsapp.library', level: 'error', sentence: 'failed to decrypt' },
      { type: 'whatsapp.library', level: 'error', sentence: 'a sentence alone' },
      { type: 'whatsapp.library', level: 'error', sentence: '' },
    ])
  })

  it('is nothing below a warning, and nothing that it would make texts of', () => {
    const events: WhatsAppEvent[] = []
    const log = createLibraryLog((event) => events.push(event))
    for (const level of ['trace', 'debug', 'info'] as const) log[level]({ text: 'secret' }, 'secret')
    expect([events, log.level]).toEqual([[], 'warn'])
  })
})
