import { isIP } from 'node:net'

/** The eight groups of an IPv6 address, from the one short form in which the URL parser writes it. */
const toGroups = (address: string): number[] => {
  const [withoutZone = ''] = address.split('%')
  const short = URL.parse(`http://[${withoutZone}]`)?.hostname.slice(1, -1) ?? ''
  const [head = '', tail] = short.split('::')
  const toNumbers = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)))
  const left = toNumbers(head)
  if (tail === undefined) return left
  const right = toNumbers(tail)
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right]
}

const isMappedIpv4 = (groups: readonly number[]) =>
  groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff

/**
 * The key under which an address is counted: IPv4 as it is (also when mapped
 * into IPv6), IPv6 by its /64, since a household or server commonly owns that
 * much. Anything that is no address becomes the one key `unknown`.
 */
export const toAddressKey = (address: string | undefined): string => {
  const text = address ?? ''
  const version = isIP(text)
  if (version === 4) return text
  if (version !== 6) return 'unknown'
  const groups = toGroups(text)
  if (!isMappedIpv4(groups))
    return `${groups
      .slice(0, 4)
      .map((group) => group.toString(16))
      .join(':')}::/64`
  const [high = 0, low = 0] = groups.slice(6)
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
