import { findHits } from './lexicon.ts'
import { matchRules } from './match-rules.ts'
import { findMentions, weigh } from './mention.ts'
import { findPasted } from './pasted.ts'
import { SIGNALS } from './signals.ts'
import type { View } from './views.ts'

/** A rule or a sign that was found, and how sure it is here. */
export interface Finding {
  readonly id: string
  readonly score: number
  /** Whether it is only quoted, or talked about. */
  readonly isMentioned: boolean
}

/** Words and signs of attacks in one reading, each weighed by where it stands. */
export const findRules = ({ text }: View): readonly Finding[] => {
  const hits = findHits(text)
  const mentions = findMentions(text, hits)
  const rules = matchRules(text, hits).map(({ rule: { id, score }, to }) => ({ id, score, to }))
  const signs = SIGNALS.flatMap(({ id, score, pattern }) => {
    const match = pattern.exec(text)
    return match === null ? [] : [{ id, score, to: match.index + match[0].length }]
  })
  return [...rules, ...signs].map(({ id, score, to }) => {
    const weight = weigh(mentions, to)
    return { id, score: score * weight, isMentioned: weight < 1 }
  })
}

/** {@link findRules}, and how the text is put together, where it is read as it was written. */
export const findSigns = (view: View): readonly Finding[] => {
  const pasted = view.depth === 0 ? findPasted(view.text) : undefined
  return pasted === undefined ? findRules(view) : [...findRules(view), { ...pasted, isMentioned: false }]
}
