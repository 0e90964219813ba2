/**
 * Quick looks at a folded text, one walk each, so that nothing dear is looked for in vain. They never see less than there
 * is; what they see is looked at again with care.
 */

const GAP = 0
const SIGN = 1
const DIGIT = 2
const LETTER = 3

const PLAIN_KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  if (code <= 32) return GAP
  if (code >= 48 && code <= 57) return DIGIT
  return code >= 97 && code <= 122 ? LETTER : SIGN
})

/** Of other scripts everything is a letter but what stands where signs stand. */
const kindOf = (code: number): number => {
  if (code < 128) return PLAIN_KINDS[code] ?? SIGN
  return code < 0xc0 || (code >= 0x2000 && code <= 0x2bff) || (code >= 0x3000 && code <= 0x303f) ? SIGN : LETTER
}

const isPlainLetter = (code: number): boolean => code >= 97 && code <= 122

/** Places where one to four signs stand between two letters. */
export const countInner = (text: string): number => {
  let [inner, signs] = [0, 0]
  let isOpen = false
  for (let at = 0; at < text.length; at += 1) {
    const kind = kindOf(text.charCodeAt(at))
    if (kind === LETTER) {
      if (isOpen && signs > 0 && signs <= 4) inner += 1
      isOpen = true
      signs = 0
    } else if (kind === SIGN) signs += 1
    else isOpen = false
  }
  return inner
}

/** The longest run of the letters a to z. */
export const longestRun = (text: string): number => {
  let [longest, run] = [0, 0]
  for (let at = 0; at < text.length; at += 1) {
    run = isPlainLetter(text.charCodeAt(at)) ? run + 1 : 0
    if (run > longest) longest = run
  }
  return longest
}

const LEET = Uint8Array.from({ length: 128 }, (_, code) =>
  '013456789@$!|+'.includes(String.fromCharCode(code)) ? 1 : 0,
)

/** Places where a letter and a sign that looks like one stand side by side. */
export const countMixed = (text: string): number => {
  let mixed = 0
  let [wasLetter, wasSign] = [false, false]
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    const isLetter = isPlainLetter(code)
    const isSign = code < 128 && LEET[code] === 1
    if ((isLetter && wasSign) || (isSign && wasLetter)) mixed += 1
    wasLetter = isLetter
    wasSign = isSign
  }
  return mixed
}

const APART_MAX = 10

/** Whether two quotation marks stand close together. */
export const hasCloseQuotes = (text: string): boolean => {
  let last = -2 * APART_MAX
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code !== 34 && code !== 39 && code !== 96) continue
    if (at - last <= APART_MAX) return true
    last = at
  }
  return false
}

/** Line breaks. */
export const countLines = (text: string): number => {
  let lines = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1
  return lines
}
