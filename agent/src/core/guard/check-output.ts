import { decodeEscapes } from './decode-runs.ts'
import { stripInvisible } from './fold.ts'
import { KEY_SHAPES } from './key-shapes.ts'
import { squeeze, toSecretForms } from './secret-forms.ts'

/** An answer of a model, before anybody reads it. */
export interface Output {
  readonly text: string
  /** The random word of the system prompt that no answer may hold. */
  readonly canary?: string
  /** The exact secrets of this process. */
  readonly secrets?: readonly string[]
}

/** What may be sent on. */
export interface OutputVerdict {
  /** `redact`: sent without what was found; `block`: not sent at all. */
  readonly action: 'pass' | 'redact' | 'block'
  readonly text: string
  readonly ruleId?: string
}

/** What is sent in place of an answer that is not. */
export const WITHHELD_SENTENCE = 'The answer was held back, because it contained something that must stay here.'
const REDACTED = '[removed]'

/** Secrets shorter than this are words of any text, and are not looked for. */
const SECRET_CHARS_MIN = 8
/** A longer answer is not read in every form; the rest is cut off. */
const OUTPUT_CHARS_MAX = 262_144

/** The readings of an answer in which a secret is looked for. */
interface Readings {
  readonly exact: readonly string[]
  readonly squeezed: readonly string[]
}

const toReadings = (text: string): Readings => {
  const shown = stripInvisible(text).normalize('NFKC')
  const decoded = decodeEscapes(shown)
  const exact = decoded === undefined ? [text, shown] : [text, shown, decoded]
  const joined = exact.map((reading) => reading.replace(/\s+/g, ''))
  return { exact: [...exact, ...joined], squeezed: exact.map(squeeze) }
}

/** Whether an answer holds a secret in any form. */
const holds = ({ exact, squeezed }: Readings, secret: string): boolean => {
  const forms = toSecretForms(secret)
  return (
    forms.exact.some((form) => exact.some((reading) => reading.includes(form))) ||
    forms.squeezed.some((form) => squeezed.some((reading) => reading.includes(form)))
  )
}

const MARKDOWN_LINK = /(!?)\[([^\][\n]{0,200})\]\(\s{0,4}<?((?:https?:)?\/\/[^\s)>]{1,4000})>?[^)\n]{0,200}\)/gi
const MARKUP = /<(?:img|iframe|script|link|object|embed|video|audio|source|form|meta|base)\b[^>]{0,4000}>?/gi
/** What no honest link says of this length: a query or a path piece that can carry what was said. */
const CARRIES = /[?#&][^\s]{0,2000}=[^&\s]{40}|[?#][^=&\s]{60}|\/[A-Za-z0-9+_=-]{80}|\{\{|\$\{|%7b%7b/i

const removeLinks = (text: string): string =>
  text
    .replace(MARKDOWN_LINK, (link, image: string, label: string, url: string) => {
      // an image is fetched by whoever shows the answer, unasked
      if (image !== '' && /[?#]/.test(url)) return `${label} ${REDACTED}`.trim()
      return CARRIES.test(url) ? `${label} ${REDACTED}`.trim() : link
    })
    .replace(MARKUP, (tag) => (/(?:src|href|action|url|data)\s{0,4}=/i.test(tag) ? REDACTED : tag))

/** Keys that this process does not know, and links: taken out. */
const redact = (text: string): OutputVerdict => {
  let plain = text
  let ruleId: string | undefined
  for (const { id, pattern } of KEY_SHAPES) {
    const without = plain.replace(pattern, REDACTED)
    if (without !== plain) ruleId ??= `output.${id}`
    plain = without
  }
  const withoutLinks = removeLinks(plain)
  if (withoutLinks !== plain) ruleId ??= 'output.link'
  return ruleId === undefined ? { action: 'pass', text } : { action: 'redact', text: withoutLinks, ruleId }
}

/**
 * The last look at an answer. Exact, not guessed: the canary, and the secrets
 * of this process also in base64, hex, percent, reversed, ROT13 or pulled
 * apart, hold the whole answer back; shapes of keys and links that carry data
 * away are taken out.
 */
export const checkOutput = ({ text, canary, secrets = [] }: Output): OutputVerdict => {
  const read = text.slice(0, OUTPUT_CHARS_MAX)
  const readings = toReadings(read)
  const isHeldBack = (secret: string) => secret.length >= SECRET_CHARS_MIN && holds(readings, secret)
  if (canary !== undefined && isHeldBack(canary)) {
    return { action: 'block', text: WITHHELD_SENTENCE, ruleId: 'output.canary' }
  }
  if (secrets.some(isHeldBack)) return { action: 'block', text: WITHHELD_SENTENCE, ruleId: 'output.secret' }
  return redact(read)
}
