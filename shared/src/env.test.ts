import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { commaList, duration, flag, oneOf, readEnv, toDurationText, wholeNumber } from './env.ts'

const schema = z.object({
  HUB_PORT: wholeNumber(1, 65_535).default(8_090),
  HUB_SECRET: z.string().min(8, { error: 'must be at least 8 characters' }).optional(),
  HUB_VERBOSE: flag().default(false),
  HUB_LEVEL: oneOf(['low', 'high']).default('low'),
  HUB_LIST: commaList().default([]),
})

describe('an environment', () => {
  test('is read into values; what is blank counts as missing', () => {
    const env = { HUB_PORT: ' 80 ', HUB_SECRET: '   ', HUB_VERBOSE: 'Yes', HUB_LEVEL: 'HIGH', HUB_LIST: ' a, ,b,' }
    expect(readEnv(schema, env)).toEqual({
      ok: true,
      values: { HUB_PORT: 80, HUB_SECRET: undefined, HUB_VERBOSE: true, HUB_LEVEL: 'high', HUB_LIST: ['a', 'b'] },
      warnings: [],
    })
  })

  test('tells every mistake at once, each with its variable and what is allowed', () => {
    const env = { HUB_PORT: '0', HUB_SECRET: 'short', HUB_VERBOSE: 'maybe', HUB_LEVEL: 'middle' }
    expect(readEnv(schema, env)).toEqual({
      ok: false,
      mistakes: [
        'HUB_PORT must be a whole number from 1 to 65535',
        'HUB_SECRET must be at least 8 characters',
        'HUB_VERBOSE must be true or false',
        'HUB_LEVEL must be one of low, high',
      ],
      warnings: [],
    })
  })

  test('never repeats a value, since any of them may be a secret', () => {
    const anySecret = fc.stringMatching(/^[A-Z0-9]{5,7}!{1,3}$/)
    fc.assert(
      fc.property(fc.constantFrom('HUB_PORT', 'HUB_VERBOSE', 'HUB_LEVEL', 'HUB_SECRTE'), anySecret, (name, secret) => {
        expect(JSON.stringify(readEnv(schema, { [name]: secret }))).not.toContain(secret)
      }),
    )
  })

  test('warns of names of a known family that look misspelt, and of no others', () => {
    const env = { HUB_SECRTE: 'x', HUB_NOTHING_LIKE_IT: 'x', TLS_X: 'x', SHUB_PORT: 'x', PATH: 'x', hub_port: 'x' }
    expect(readEnv(schema, env).warnings).toEqual([
      'HUB_SECRTE is not a known variable; did you mean HUB_SECRET?',
      'HUB_NOTHING_LIKE_IT is not a known variable',
      'TLS_X is not a known variable',
    ])
  })

  test('knows the names of another program, and suggests them', () => {
    const warnings = readEnv(schema, { AGENT_NAME: 'x', AGENT_NMAE: 'x' }, ['AGENT_NAME']).warnings
    expect(warnings).toEqual(['AGENT_NMAE is not a known variable; did you mean AGENT_NAME?'])
  })

  test('knows the file of each secret, and suggests it; of what is no secret there is none', () => {
    const env = { HUB_SECRTE_FILE: 'x', AGENT_HUB_SECRET_FILE: 'x', HUB_VERBOSE_FILE: 'x' }
    const { warnings } = readEnv(schema, env, ['AGENT_HUB_SECRET'])
    expect(warnings).toEqual([
      'HUB_SECRTE_FILE is not a known variable; did you mean HUB_SECRET_FILE?',
      'HUB_VERBOSE_FILE is not a known variable',
    ])
  })

  test('is refused when a secret’s file was named and nobody has read it', () => {
    const { mistakes } = { mistakes: [], ...readEnv(schema, { HUB_SECRET_FILE: '/run/secrets/hub', HUB_PORT: 'x' }) }
    expect(mistakes).toEqual([
      'HUB_PORT must be a whole number from 1 to 65535',
      'HUB_SECRET_FILE is not read here; set HUB_SECRET itself',
    ])
    expect(readEnv(schema, { HUB_SECRET_FILE: ' ' })).toMatchObject({ ok: true })
  })

  test('is not fooled by names that every object has', () => {
    const env = Object.fromEntries([
      ['__proto__', '1'],
      ['constructor', '2'],
    ])
    expect(readEnv(schema, env)).toMatchObject({ ok: true, warnings: [] })
  })
})

describe('the kinds of values', () => {
  test('a whole number is digits within its bounds and nothing else', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(1_000), fc.nat(1_000), (value, min, width) => {
        const isWithin = value >= min && value <= min + width
        expect(wholeNumber(min, min + width).safeParse(String(value)).success).toBe(isWithin)
      }),
    )
    for (const text of ['1.0', '1e2', '0x1', '+1', '１', ' 1', '1_000', 'NaN', '9'.repeat(16)]) {
      expect(wholeNumber(0, 1e15).safeParse(text).success).toBe(false)
    }
  })

  test('a flag has four words for each side, in any case', () => {
    for (const word of ['true', '1', 'YES', 'On']) expect(flag().parse(word)).toBe(true)
    for (const word of ['FALSE', '0', 'no', 'off']) expect(flag().parse(word)).toBe(false)
    expect(flag().safeParse('2').success).toBe(false)
  })

  test('a time is a whole number with a unit; a bare number is milliseconds', () => {
    const times = ['90d', '12h', '30m', '45s', '500ms', '1500', '1 D', '0']
    expect(times.map((text) => duration(0, 1e10).parse(text))).toEqual([
      ...[90 * 86_400_000, 12 * 3_600_000, 30 * 60_000, 45_000, 500, 1_500, 86_400_000, 0],
    ])
    for (const text of ['', 'd', '1w', '1.5h', '-1s', '1d12h', '1e3', '+1s', '١d', '1  d', '9'.repeat(16), '1d\n']) {
      expect(duration(0, Number.MAX_SAFE_INTEGER).safeParse(text).success, text).toBe(false)
    }
  })

  test('a time keeps its bounds, ends included, and the mistake names them', () => {
    const ttl = duration(60_000, 90 * 86_400_000)
    const tried = ['59s', '60s', '1m', '90d', '2160h', '91d', '999999999999999d']
    expect(tried.filter((text) => ttl.safeParse(text).success)).toEqual(['60s', '1m', '90d', '2160h'])
    const { error } = ttl.safeParse('soon')
    expect(error?.issues[0]?.message).toBe('must be a time such as 90d, 12h, 30m, 45s or 500ms, from 1m to 90d')
  })

  test('a time that is written in words is read back as the same time', () => {
    fc.assert(
      fc.property(fc.nat(1e9), fc.constantFrom(1, 1_000, 60_000, 3_600_000, 86_400_000), (count, unitMs) => {
        const ms = count * unitMs
        fc.pre(Number.isSafeInteger(ms))
        expect(duration(0, Number.MAX_SAFE_INTEGER).parse(toDurationText(ms))).toBe(ms)
      }),
    )
  })
})
