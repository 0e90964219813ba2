import { describe, expect, it } from 'vitest'
import { toAddress, toKind, toPerson, withoutDevice } from './addresses.ts'

const book = {
  findNumber: (lid: string) => (lid === '900' ? '15550001' : undefined),
  findLid: (number: string) => (number === '15550001' ? '900' : undefined),
}

describe('addresses', () => {
  it.each([
    ['15550001@s.whatsapp.net', 'number'],
    ['15550001:12@s.whatsapp.net', 'number'],
    ['15550001@c.us', 'number'],
    ['900@lid', 'hidden'],
    ['900:3@lid', 'hidden'],
    ['120363000@g.us', 'group'],
    ['15550001-1600000@g.us', 'group'],
    ['status@broadcast', 'status'],
    ['160000@broadcast', 'broadcast'],
    ['120363@newsletter', 'newsletter'],
    ['867051314767696@bot', 'other'],
    ['constructor@constructor', 'other'],
    ['', 'other'],
  ])('%s is a %s', (address, kind) => {
    expect(toKind(address)).toBe(kind)
  })

  it('name the same person whatever the device', () => {
    expect(withoutDevice('15550001:12@s.whatsapp.net')).toBe('15550001@s.whatsapp.net')
    expect(withoutDevice('900_1:12@lid')).toBe('900@lid')
    expect(withoutDevice('status@broadcast')).toBe('status@broadcast')
    expect(withoutDevice('')).toBe('')
  })

  it.each([
    [['900@lid', '15550001@s.whatsapp.net'], '15550001'],
    [['15550001:4@s.whatsapp.net', '900@lid'], '15550001'],
    [['', undefined, null, '900:2@lid'], '15550001'],
    [['901@lid'], '901@lid'],
    [['120363000@g.us'], undefined],
    [[], undefined],
  ])('%j are those of %s', (addresses, person) => {
    expect(toPerson(addresses, book)).toBe(person)
  })

  it('lead to a person by the hidden one, where it is known', () => {
    expect(toAddress('15550001', book)).toBe('900@lid')
    expect(toAddress('15550002', book)).toBe('15550002@s.whatsapp.net')
    expect(toAddress('901@lid', book)).toBe('901@lid')
  })
})
