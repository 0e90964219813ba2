import { isIP, isIPv4 } from 'node:net'

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/** The eight groups of an IPv6 address, without its zone. */
const expandIpv6 = (address: string): string[] => {
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  return [...left, ...Array<string>(zeros).fill('0'), ...right]
}

/**
 * The key under which an address is counted: IPv4 as it is (also when mapped
 * into IPv6), IPv6 by its /64, since a household or server commonly owns that
 * much. Anything that is no address becomes the one key `unknown`.
 */
export const toAddressKey = (address: string | undefined): string => {
  const text = address ?? ''
  const mapped = MAPPED_IPV4.exec(text)?.[1]
  if (mapped !== undefined && isIPv4(mapped)) return mapped
  const version = isIP(text)
  if (version === 4) return text
  if (version !== 6) return 'unknown'
  const groups = expandIpv6(text).slice(0, 4)
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}
