const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const encoder = new TextEncoder()

/** Base64 without padding. */
const toBase64 = (bytes: Uint8Array): string => {
  let digits = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
    const count = Math.min(4, bytes.length - at + 1)
    for (let digit = 0; digit < count; digit += 1) digits += BASE64[(group >> (18 - 6 * digit)) & 63] ?? ''
  }
  return digits
}

/**
 * The base64 digits that a secret has wherever it stands in a longer text:
 * one run for each of the three places where it can begin in a group, less the
 * digits at its ends that its neighbours share.
 */
const toBase64Runs = (bytes: Uint8Array): readonly string[] =>
  [0, 1, 2].map((before) => {
    const shifted = new Uint8Array(before + bytes.length)
    shifted.set(bytes, before)
    const whole = Math.floor((8 * shifted.length) / 6)
    return toBase64(shifted).slice(Math.ceil((8 * before) / 6), whole)
  })

const toHex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
const reverse = (text: string): string => [...text].reverse().join('')
const ROT13 = /[a-z]/gi
const rot13 = (text: string): string =>
  text.replace(ROT13, (letter) => {
    const first = letter <= 'Z' ? 65 : 97
    return String.fromCharCode(first + ((letter.charCodeAt(0) - first + 13) % 26))
  })

/** Only what carries meaning: letters and digits, in lower case. */
export const squeeze = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '')

/** How a secret may look in an answer. */
export interface SecretForms {
  /** As it is, and forms in which case and separators count. */
  readonly exact: readonly string[]
  /** Squeezed: to be looked for in a squeezed text. */
  readonly squeezed: readonly string[]
}

/** Shorter forms are words of any text. */
const FORM_CHARS_MIN = 8

/** All forms of a secret that are looked for. */
export const toSecretForms = (secret: string): SecretForms => {
  const bytes = encoder.encode(secret)
  const runs = [...toBase64Runs(bytes), ...toBase64Runs(encoder.encode(reverse(secret)))]
  const urlRuns = runs.map((run) => run.replaceAll('+', '-').replaceAll('/', '_'))
  const words = [secret, reverse(secret), rot13(secret), toHex(bytes), reverse(toHex(bytes))]
  return {
    exact: [...new Set([secret, ...runs, ...urlRuns])].filter((form) => form.length >= FORM_CHARS_MIN),
    squeezed: [...new Set([...words, ...runs.filter((run) => run.length >= 2 * FORM_CHARS_MIN)].map(squeeze))].filter(
      (form) => form.length >= FORM_CHARS_MIN,
    ),
  }
}
