import { expect, test } from 'vitest'
import { AddressCount } from './address-count.ts'

test('an address has no more sockets than it may, and gets room again for each that goes', () => {
  const addresses = new AddressCount(2)
  expect([1, 2, 3].map(() => addresses.enter('here'))).toEqual([true, true, false])
  expect(addresses.enter('elsewhere')).toBe(true)
  addresses.leave('here')
  expect(addresses.enter('here')).toBe(true)
  expect(addresses.enter('here')).toBe(false)
})

test('to leave once too often gives no room on credit', () => {
  const addresses = new AddressCount(1)
  addresses.leave('here')
  addresses.leave('here')
  expect([1, 2].map(() => addresses.enter('here'))).toEqual([true, false])
})
