const BASE64_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const BASE32_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

const toTable = (digits: string): Int8Array => {
  const table = new Int8Array(128).fill(-1)
  for (let at = 0; at < digits.length; at += 1) table[digits.charCodeAt(at)] = at
  return table
}

const BASE64 = toTable(BASE64_DIGITS)
BASE64['-'.charCodeAt(0)] = 62
BASE64['_'.charCodeAt(0)] = 63
const BASE32 = toTable(BASE32_DIGITS)
for (let at = 0; at < 26; at += 1) BASE32[97 + at] = at

const decodeDigits = (digits: string, table: Int8Array, bitsPerDigit: number): Uint8Array => {
  const bytes = new Uint8Array(Math.floor((digits.length * bitsPerDigit) / 8))
  let [held, bits, length] = [0, 0, 0]
  for (let at = 0; at < digits.length; at += 1) {
    const value = table[digits.charCodeAt(at)] ?? -1
    if (value < 0) continue
    held = ((held << bitsPerDigit) | value) & 0xffff
    bits += bitsPerDigit
    if (bits < 8) continue
    bits -= 8
    bytes[length] = (held >> bits) & 0xff
    length += 1
  }
  return bytes.subarray(0, length)
}

/** The bytes of base64 or base64url; other characters are passed over. */
export const decodeBase64 = (digits: string): Uint8Array => decodeDigits(digits, BASE64, 6)
/** The bytes of base32. */
export const decodeBase32 = (digits: string): Uint8Array => decodeDigits(digits, BASE32, 5)

/** The bytes of numbers written in a base, `width` digits each; without a width they stand apart. */
export const decodeNumbers = (numbers: readonly string[], base: number): Uint8Array =>
  Uint8Array.from(numbers, (number) => Number.parseInt(number, base) & 0xff)

const utf8 = new TextDecoder('utf-8', { fatal: false })
const utf16 = new TextDecoder('utf-16le', { fatal: false })

const countZeros = (bytes: Uint8Array, first: number): number => {
  let zeros = 0
  for (let at = first; at < bytes.length; at += 2) if (bytes[at] === 0) zeros += 1
  return zeros
}

/** The text in some bytes: UTF-8, or UTF-16 of either order when every second byte is empty. */
export const toText = (bytes: Uint8Array): string => {
  const half = bytes.length / 2
  if (half >= 4 && countZeros(bytes, 1) > 0.8 * half) return utf16.decode(bytes)
  if (half >= 4 && countZeros(bytes, 0) > 0.8 * half) return utf16.decode(bytes.subarray(1))
  return utf8.decode(bytes)
}

const READABLE = /[ -~\p{L}\p{M}\p{N}\p{P}\p{Zs}\n\r\t]/gu
const LETTERS = /[\p{L}\p{M}\s]/gu

const DIGITS = /^(?:[0-9a-f]{16,400}|[0-9a-f]{2}(?: [0-9a-f]{2}){7,133}.?)$/i

/** Whether a decoded text is one: mostly letters and spaces, and nearly nothing that no text has. */
export const isReadable = (text: string): boolean => {
  if (text.length < 4) return false
  const sample = text.slice(0, 400)
  // bytes written as digits are decoded again
  if (DIGITS.test(sample)) return true
  const length = [...sample].length
  return (sample.match(READABLE)?.length ?? 0) >= 0.95 * length && (sample.match(LETTERS)?.length ?? 0) >= 0.6 * length
}
