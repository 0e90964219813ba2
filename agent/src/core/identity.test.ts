import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OWNER_ID, toComparable, toIdentity } from './identity.ts'

describe('an identity', () => {
  it.each([
    '+491711234567',
    '491711234567',
    '00491711234567',
    ' +49 171 1234567 ',
    '+49 (171) 123-4567',
    '+49 (0)171 / 123.45.67',
    'tel:+49-171-1234567',
    'whatsapp:+491711234567',
    '\u202a+49\u00a0171\u20111234567\u202c',
    '＋４９１７１１２３４５６７',
    '491711234567@s.whatsapp.net',
    '491711234567:12@s.whatsapp.net',
    '491711234567_1:12@s.whatsapp.net',
    '491711234567@c.us',
  ])('is the same digits for %j', (text) => {
    expect(toIdentity(text)).toBe('491711234567')
  })

  it.each([
    '',
    '+',
    '0171 1234567',
    '+0491711234567',
    '1234',
    '1234567890123456',
    '+49171123x4567',
    '+49+1711234567',
    '491711234567@g.us',
    '491711234567@evil.example',
    '491711234567@s.whatsapp.net@g.us',
    '٤٩١٧١١٢٣٤٥٦٧',
    'Console',
    'anna',
  ])('is none of %j', (text) => {
    expect(toIdentity(text)).toBeUndefined()
    expect(toComparable(text)).toBe(text)
  })

  it('of a hidden number never meets a number', () => {
    expect(toIdentity('491711234567:3@lid')).toBe('491711234567@lid')
    expect(toIdentity('491711234567@lid')).not.toBe(toIdentity('491711234567'))
  })

  it('of the terminal is its owner', () => {
    expect(toIdentity(' console ')).toBe(OWNER_ID)
  })

  it('stays what it is, and of two numbers is two', () => {
    const number = fc.bigInt(10_000n, 999_999_999_999_999n).map(String)
    fc.assert(
      fc.property(number, number, (one, other) => {
        expect(toIdentity(`+${one}`)).toBe(one)
        expect(toIdentity(toIdentity(one) ?? '')).toBe(one)
        expect(toIdentity(one) === toIdentity(other)).toBe(one === other)
      }),
    )
  })
})
