import { cutText } from '../cut-text.ts'
import { REDACTED, removeLinks } from './carrying-links.ts'
import { KEY_SHAPES } from './key-shapes.ts'
import { type Secrets, SecretWatch } from './secret-watch.ts'

/** An answer of a model, before anybody reads it. */
export interface Output extends Secrets {
  readonly text: string
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

/** A longer answer is cut, and says so. */
export const OUTPUT_CHARS_MAX = 262_144
/** How much beyond the cut is looked at, so that no secret is cut in two and half of it sent. */
const BEYOND_CHARS = 16_384

/** Keys that this process does not know, links, and what is too long: taken out. */
const redact = (text: string): OutputVerdict => {
  let plain = cutText(text, OUTPUT_CHARS_MAX)
  let ruleId = plain === text ? undefined : 'output.size'
  const take = (id: string, without: string) => {
    if (without !== plain) ruleId ??= id
    plain = without
  }
  for (const { id, pattern } of KEY_SHAPES) take(`output.${id}`, plain.replace(pattern, REDACTED))
  take('output.link', removeLinks(plain))
  return ruleId === undefined ? { action: 'pass', text } : { action: 'redact', text: plain, ruleId }
}

/** The check of answers against secrets that are known by now. */
export type CheckOutput = (text: string) => OutputVerdict

/**
 * The last look at answers. Exact, not guessed: the canary, and the secrets
 * of this process also in base64, hex, percent, reversed, ROT13 or pulled
 * apart, hold the whole answer back; shapes of keys and links that carry data
 * away are taken out.
 */
export const createOutputCheck =
  (watch: SecretWatch): CheckOutput =>
  (text) => {
    const ruleId = watch.find(text.slice(0, OUTPUT_CHARS_MAX + BEYOND_CHARS))
    return ruleId === undefined ? redact(text) : { action: 'block', text: WITHHELD_SENTENCE, ruleId }
  }

/** {@link createOutputCheck} for one answer. */
export const checkOutput = ({ text, ...secrets }: Output): OutputVerdict =>
  createOutputCheck(new SecretWatch(secrets))(text)
