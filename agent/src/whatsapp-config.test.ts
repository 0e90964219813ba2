import { type Environment, readEnv } from '@ai-comms/shared'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { findWhatsAppMistakes, toWhatsAppSettings, warnAboutWhatsApp, whatsappVariables } from './whatsapp-config.ts'

const schema = z.object(whatsappVariables)

const read = (env: Environment) => {
  const result = readEnv(schema, env)
  if (!result.ok) throw new Error(result.mistakes.join('\n'))
  return toWhatsAppSettings(result.values)
}
const mistakes = (env: Environment) => {
  const result = readEnv(schema, env)
  return result.ok ? [] : result.mistakes
}

describe('an agent on WhatsApp', () => {
  it('writes as slowly as a person, unless it speaks to a server of this machine', () => {
    const none = { WHATSAPP_PACE: 'none' }
    expect(read({ ...none, WHATSAPP_WS_URL: 'ws://127.0.0.1:1/' }).isPaced).toBe(false)
    expect(read(none).isPaced).toBe(true)
    expect(findWhatsAppMistakes({ WHATSAPP_PACE: 'NONE' })).toHaveLength(1)
    expect(findWhatsAppMistakes({ ...none, WHATSAPP_WS_URL: 'ws://127.0.0.1:1/' })).toEqual([])
    expect(findWhatsAppMistakes({})).toEqual([])
    expect(findWhatsAppMistakes(none)).toEqual([expect.stringContaining('WHATSAPP_PACE')])
    expect(findWhatsAppMistakes({ ...none, WHATSAPP_WS_URL: 'wss://web.whatsapp.com/ws/chat' })).toHaveLength(1)
  })

  it('is a linked device that shows a QR, unless something else is set', () => {
    expect(read({})).toEqual({ takesGroups: false, isPaced: true, mediaBytesMax: 0 })
  })

  it('has a number for a code, groups, a version and files, where they are set', () => {
    expect(
      read({
        WHATSAPP_PAIRING_NUMBER: '+49 171 1234567',
        WHATSAPP_GROUPS: 'yes',
        WHATSAPP_VERSION: '2.3000.1043857760',
        WHATSAPP_MAX_MEDIA: '1048576',
      }),
    ).toEqual({
      pairingNumber: '491711234567',
      takesGroups: true,
      isPaced: true,
      version: [2, 3_000, 1_043_857_760],
      mediaBytesMax: 1_048_576,
    })
  })

  it.each([
    'wss://web.whatsapp.com/ws/chat',
    'ws://127.0.0.1:8080/ws/chat',
    'ws://127.8.9.1/',
    'ws://localhost:1/ws',
    'ws://wa.localhost/ws',
    'ws://[::1]:80/ws',
  ])('may be pointed at %s', (url) => {
    expect(read({ WHATSAPP_WS_URL: url }).url?.href).toBe(new URL(url).href)
  })

  it.each([
    'ws://web.whatsapp.com/ws/chat',
    'ws://10.0.0.1/',
    'ws://127.0.0.1.evil.example/',
    'ws://localhost.evil.example/',
    'https://web.whatsapp.com/ws/chat',
    'wss://user:secret@web.whatsapp.com/',
    'wss://web.whatsapp.com/?key=secret',
    'web.whatsapp.com',
  ])('may not be pointed at %s, which is not quoted', (url) => {
    const told = mistakes({ WHATSAPP_WS_URL: url })
    expect(told).toEqual([expect.stringMatching(/^WHATSAPP_WS_URL must be a wss URL, or a ws URL of this machine/)])
    expect(told.join()).not.toContain('secret')
  })

  it.each([
    ['WHATSAPP_PAIRING_NUMBER', '0171 1234567'],
    ['WHATSAPP_PAIRING_NUMBER', '900@lid'],
    ['WHATSAPP_PAIRING_NUMBER', 'console'],
    ['WHATSAPP_GROUPS', 'some'],
    ['WHATSAPP_VERSION', '2.3000'],
    ['WHATSAPP_MAX_MEDIA', '-1'],
    ['WHATSAPP_MAX_MEDIA', '104857601'],
  ])('takes no %s of %s', (name, value) => {
    expect(mistakes({ [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name} must be `))])
  })

  it('is warned of when everybody is answered, and when it is not on WhatsApp at all', () => {
    const [somebody, everybody] = [{ allowed: new Set(['491711234567']) }, { allowed: undefined }]
    expect(warnAboutWhatsApp(read({ WHATSAPP_GROUPS: 'true' }), somebody)).toEqual([])
    expect(warnAboutWhatsApp(read({}), everybody)).toEqual([
      expect.stringMatching(/^SECURITY_ENABLE_ALLOWLIST is off: whoever knows the number of this agent is answered/),
    ])
    expect(warnAboutWhatsApp(read({ WHATSAPP_GROUPS: 'true' }), everybody)).toEqual([
      expect.stringContaining('or puts it into a group, is answered'),
    ])
    expect(warnAboutWhatsApp(read({ WHATSAPP_WS_URL: 'ws://localhost/' }), somebody)).toEqual([
      expect.stringMatching(/^WHATSAPP_WS_URL is set/),
    ])
  })
})
