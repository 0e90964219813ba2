import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toAddressKey } from './address.ts'

describe('the key of an address', () => {
  test.each([
    ['10.1.2.3', '10.1.2.3'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['::FFFF:10.1.2.3', '10.1.2.3'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['2001:db8:1:2:3:4:10.0.0.1', '2001:db8:1:2::/64'],
    ['::1:0:0:10.0.0.1', '0:0:0:1::/64'],
    ['0:0:0:0:0:ffff:10.1.2.3', '10.1.2.3'],
    ['::ffff:a01:203', '10.1.2.3'],
    ['::ffff:999.1.1.1', 'unknown'],
    ['1.2.3', 'unknown'],
    ['not an address', 'unknown'],
    ['', 'unknown'],
  ])('of %j is %s', (address, key) => {
    expect(toAddressKey(address)).toBe(key)
  })

  test('of a peer without an address is the one key for all of them', () => {
    expect(toAddressKey(undefined)).toBe('unknown')
  })

  test('is one for a whole /64, however the address is written', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        // The URL parser writes every IPv6 address in its one short form
        const short = new URL(`http://[${address}]`).hostname.slice(1, -1)
        fc.pre(!short.startsWith('::ffff:'))
        expect(toAddressKey(address)).toBe(`${expand(short).slice(0, 4).join(':')}::/64`)
      }),
      { numRuns: 500 },
    )
  })
})

/** All eight groups of an address in its short form. */
const expand = (short: string): string[] => {
  const [left = [], right = []] = short.split('::').map((half) => half.split(':').filter((group) => group !== ''))
  return [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right]
}
