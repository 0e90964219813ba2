import { readFileSync } from 'node:fs'
import { readEnv } from '@ai-comms/shared'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { cloudVariables, findCloudMistakes, listCloudSecrets, toCloudSettings } from './cloud-config.ts'

const GOOD = {
  WHATSAPP_CLOUD_PHONE_NUMBER_ID: '106540352242922',
  WHATSAPP_CLOUD_ACCESS_TOKEN: 'EAAJBexampleToken0123456789',
  WHATSAPP_CLOUD_APP_SECRET: '0123456789abcdef0123456789abcdef',
  WHATSAPP_CLOUD_VERIFY_TOKEN: 'my-own-word',
}

const read = (env: Record<string, string>) => readEnv(z.object(cloudVariables), env)
const values = (env: Record<string, string>) => {
  const result = read(env)
  if (!result.ok) throw new Error(result.mistakes.join('\n'))
  return result.values
}
const mistakes = (env: Record<string, string>) => {
  const result = read(env)
  return result.ok ? [] : result.mistakes
}

describe('WhatsApp by the Cloud API', () => {
  it('needs four things of Meta, and has a default for everything else', () => {
    expect(findCloudMistakes(GOOD)).toEqual([])
    expect(toCloudSettings(values(GOOD))).toEqual({
      phoneNumberId: '106540352242922',
      accessToken: GOOD.WHATSAPP_CLOUD_ACCESS_TOKEN,
      appSecret: GOOD.WHATSAPP_CLOUD_APP_SECRET,
      verifyToken: 'my-own-word',
      webhookPort: 8_091,
      webhookHost: '127.0.0.1',
      webhookPath: '/webhooks/whatsapp',
      graphUrl: new URL('https://graph.facebook.com'),
      graphVersion: 'v26.0',
    })
  })

  it('asks for nothing where it was not chosen', () => {
    expect(mistakes({})).toEqual([])
    expect(toCloudSettings(values({}))).toBeUndefined()
    expect(listCloudSecrets(values({}))).toEqual([])
  })

  it.each(Object.keys(GOOD))('says what %s is when it is missing or blank', (name) => {
    for (const value of [undefined, ' ']) {
      const { [name]: _left, ...others } = { ...GOOD } as Record<string, string | undefined>
      const told = findCloudMistakes({ ...others, [name]: value })
      expect(told).toEqual([expect.stringMatching(new RegExp(`^${name} is missing: \\w`))])
    }
    expect(toCloudSettings(values(Object.fromEntries(Object.entries(GOOD).filter(([each]) => each !== name))))).toBe(
      undefined,
    )
  })

  it.each([
    ['WHATSAPP_CLOUD_PHONE_NUMBER_ID', '+49 171 1234567'],
    ['WHATSAPP_CLOUD_PHONE_NUMBER_ID', '1234'],
    ['WHATSAPP_CLOUD_ACCESS_TOKEN', 'EAAJB with a blank in it 0123'],
    ['WHATSAPP_CLOUD_ACCESS_TOKEN', 'short'],
    ['WHATSAPP_CLOUD_APP_SECRET', 'too-short'],
    ['WHATSAPP_CLOUD_APP_SECRET', 'x'.repeat(129)],
    ['WHATSAPP_CLOUD_VERIFY_TOKEN', 'seven77'],
    ['WHATSAPP_CLOUD_VERIFY_TOKEN', 'Wörterbuch'],
    ['WHATSAPP_CLOUD_WEBHOOK_PORT', '65536'],
    ['WHATSAPP_CLOUD_WEBHOOK_HOST', 'h'.repeat(256)],
    ['WHATSAPP_CLOUD_WEBHOOK_PATH', 'hooks/without-a-slash'],
    ['WHATSAPP_CLOUD_WEBHOOK_PATH', '/'],
    ['WHATSAPP_CLOUD_WEBHOOK_PATH', '/a?b=c'],
    ['WHATSAPP_CLOUD_WEBHOOK_PATH', 'https://example.com/webhooks'],
    ['WHATSAPP_CLOUD_GRAPH_VERSION', '26'],
    ['WHATSAPP_CLOUD_GRAPH_VERSION', 'v26.0/../x'],
  ])('takes no %s like %j, and does not repeat it', (name, value) => {
    const told = mistakes({ ...GOOD, [name]: value })
    expect(told).toEqual([expect.stringMatching(new RegExp(`^${name} must be `))])
    if (value.length > 4) expect(told.join()).not.toContain(value)
  })

  it.each([
    'http://graph.facebook.com',
    'http://10.0.0.1',
    'http://localhost.example.com',
    'http://127.0.0.1.example.com',
    'ftp://127.0.0.1',
    'graph.facebook.com',
    'https://user:word@graph.facebook.com',
    'https://graph.facebook.com?x=1',
  ])('does not take the token to %s', (url) => {
    expect(mistakes({ ...GOOD, WHATSAPP_CLOUD_GRAPH_URL: url })).toEqual([
      expect.stringMatching(/^WHATSAPP_CLOUD_GRAPH_URL must be an https URL/),
    ])
  })

  it.each(['https://graph.example.com/base', 'http://127.0.0.1:8080', 'http://localhost:1', 'http://[::1]:1'])(
    'takes it to %s',
    (url) => {
      const settings = toCloudSettings(values({ ...GOOD, WHATSAPP_CLOUD_GRAPH_URL: url }))
      expect(settings?.graphUrl).toEqual(new URL(url))
    },
  )

  it('tells every mistake at once', () => {
    expect(mistakes({ WHATSAPP_CLOUD_PHONE_NUMBER_ID: 'x', WHATSAPP_CLOUD_WEBHOOK_PORT: 'x' })).toHaveLength(2)
  })

  it('knows what of it is secret', () => {
    expect(listCloudSecrets(values(GOOD))).toEqual([
      GOOD.WHATSAPP_CLOUD_ACCESS_TOKEN,
      GOOD.WHATSAPP_CLOUD_APP_SECRET,
      GOOD.WHATSAPP_CLOUD_VERIFY_TOKEN,
    ])
  })
})

it('the table of variables has each of them with its default, and no other', () => {
  const text = readFileSync(new URL('../WHATSAPP-CLOUD.md', import.meta.url), 'utf8')
  const rows = [...text.matchAll(/^\| `(?<name>[A-Z_]+)` \| (?<value>\S*) *\|/gm)].map(({ groups }) => groups ?? {})
  expect(rows.map(({ name }) => name)).toEqual(Object.keys(cloudVariables))
  const shown = rows.flatMap(({ name = '', value = '' }) => (value === '' ? [] : [[name, value]]))
  expect(shown).toHaveLength(5)
  expect(values(Object.fromEntries(shown))).toEqual(values({}))
})
