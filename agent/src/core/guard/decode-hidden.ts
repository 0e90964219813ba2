import { isReadable, toText } from './decode-bytes.ts'

const TAG_FIRST = 0xe0000
const TAG_LAST = 0xe007f
const SELECTOR_FIRST = 0xe0100
const SELECTOR_LAST = 0xe01ef

const HIDDEN = /[\ufe00-\ufe0f]|[\u{e0000}-\u{e01ef}]/u
const BITS = /(?:[\u200b\u200c\u2060\ufeff]|\u200d){16,}/g

const fromBits = (run: string): string => {
  const zero = run.charCodeAt(0)
  // ASCII begins with a zero bit
  const bits = [...run].map((bit) => (bit.charCodeAt(0) === zero ? '0' : '1')).join('')
  return toText(Uint8Array.from(bits.match(/[01]{8}/g) ?? [], (byte) => Number.parseInt(byte, 2)))
}

/**
 * What is written in characters that nobody sees: Unicode tags, variation
 * selectors as bytes, zero-width characters as bits. Undefined when nothing is.
 */
export const decodeHidden = (text: string): string | undefined => {
  const runs = (text.match(BITS) ?? []).slice(0, 8).map(fromBits).filter(isReadable)
  if (!HIDDEN.test(text)) return runs.length > 0 ? runs.join(' ') : undefined
  let tags = ''
  const bytes: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    if (code > TAG_FIRST && code <= TAG_LAST) tags += String.fromCharCode(code - TAG_FIRST)
    else if (code >= 0xfe00 && code <= 0xfe0f) bytes.push(code - 0xfe00)
    else if (code >= SELECTOR_FIRST && code <= SELECTOR_LAST) bytes.push(code - SELECTOR_FIRST + 16)
  }
  const selected = toText(Uint8Array.from(bytes))
  const said = [tags, isReadable(selected) ? selected : '', ...runs].filter((piece) => piece.length >= 4).join(' ')
  return said === '' ? undefined : said
}
