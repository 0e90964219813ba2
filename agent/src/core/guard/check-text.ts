import { GUARD_BOUNDS } from './bounds.ts'
import { findHits } from './lexicon.ts'
import { matchRules } from './match-rules.ts'
import { findMentions, MENTIONED, weigh } from './mention.ts'
import { scoreModel } from './model.ts'
import { findPasted } from './pasted.ts'
import { readFrames } from './read-frames.ts'
import { SIGNALS } from './signals.ts'
import { toViews, type View } from './views.ts'

/** What the guard makes of a message. */
export interface Verdict {
  readonly action: 'pass' | 'block'
  /** The surest rule, for the audit trail; never for the sender. */
  readonly ruleId?: string
  /** From 0 to 1; blocked from one half on. */
  readonly score: number
  /** What the sender is told of a blocked message. */
  readonly sentence?: string
}

/** A rule that was found, and how sure it is here. */
interface Finding {
  readonly id: string
  readonly score: number
}

/** From which score on a message is blocked. */
export const BLOCK_SCORE = 0.5
/** The one sentence for every blocked message: it says neither which rule nor which word. */
export const BLOCKED_SENTENCE =
  'I cannot take this message as it is written. Please say in plain words what you would like me to do.'

const toFamily = (id: string): string => id.slice(0, id.indexOf('.'))

/** What a learnt table says of a folded text, from 0 to 1. */
export type ScoreLearnt = (folded: string) => number

/** Words and signs of attacks in one reading, each weighed by where it stands. */
const findRules = (view: View): readonly (Finding & { readonly weight: number })[] => {
  const { text } = view
  const hits = findHits(text)
  const mentions = findMentions(text, hits)
  const found = matchRules(text, hits).map(({ rule, to }) => ({ ...rule, to }))
  const signs = SIGNALS.flatMap(({ id, score, pattern }) => {
    const match = pattern.exec(text)
    return match === null ? [] : [{ id, score, to: match.index + match[0].length }]
  })
  return [...found, ...signs].map(({ id, score, to }) => {
    const weight = weigh(mentions, to)
    return { id, score: score * weight, weight }
  })
}

/** All that is found in one reading of a text. */
const findAll = (view: View, scoreLearnt: ScoreLearnt): readonly Finding[] => {
  const found = findRules(view)
  // the learnt table knows no quotation marks: whoever only speaks about attacks uses their words
  const isMentioned = found.length > 0 && found.every(({ weight }) => weight < 1)
  const learnt = {
    id: 'model.learnt',
    score: isMentioned ? MENTIONED * scoreLearnt(view.text) : scoreLearnt(view.text),
  }
  const pasted = view.depth === 0 ? findPasted(view.text) : undefined
  return pasted === undefined ? [...found, learnt] : [...found, learnt, pasted]
}

/** Findings of one kind count once, findings of different kinds add up. */
const toVerdict = (findings: readonly Finding[]): Verdict => {
  const families = new Map<string, number>()
  let best: Finding = { id: '', score: 0 }
  for (const finding of findings) {
    const family = toFamily(finding.id)
    families.set(family, Math.max(families.get(family) ?? 0, finding.score))
    if (finding.score > best.score) best = finding
  }
  let doubt = 1
  for (const score of families.values()) doubt *= 1 - score
  const score = 1 - doubt
  if (score < BLOCK_SCORE) return { action: 'pass', score }
  return { action: 'block', ruleId: best.id, score, sentence: BLOCKED_SENTENCE }
}

const cut = (text: string): string =>
  text.length <= GUARD_BOUNDS.textCharsMax
    ? text
    : `${text.slice(0, GUARD_BOUNDS.textCharsMax / 2)}\n${text.slice(-GUARD_BOUNDS.textCharsMax / 2)}`

const surer = (one: Verdict, other: Verdict): Verdict => (other.score > one.score ? other : one)

const checkViews = (text: string, find: (view: View) => readonly Finding[]): Verdict => {
  let verdict: Verdict = { action: 'pass', score: 0 }
  for (const view of toViews(cut(text))) {
    verdict = surer(verdict, toVerdict(find(view)))
    if (verdict.action === 'block') break
  }
  return verdict
}

/** Of what others are quoted with only rules count: it is framed again before a model sees it. */
const checkOne = (text: string, scoreLearnt: ScoreLearnt): Verdict => {
  const { outside, inside } = readFrames(text)
  const verdict = checkViews(outside, (view) => findAll(view, scoreLearnt))
  return inside === '' || verdict.action === 'block' ? verdict : surer(verdict, checkViews(inside, findRules))
}

/** The last turns as one text. */
export const joinTurns = (turns: readonly string[]): string =>
  turns
    .slice(-GUARD_BOUNDS.turnsMax)
    .map((turn) => turn.slice(-GUARD_BOUNDS.turnCharsMax))
    .join('\n')

/** The check of a text, or of the turns of a conversation so far: each turn, and each with those before it. */
export type Check = (text: string | readonly string[]) => Verdict

/** A check with a learnt table of one's own: how well one does on texts that it has not seen is measured so. */
export const createCheck =
  (scoreLearnt: ScoreLearnt): Check =>
  (text) => {
    if (typeof text === 'string') return checkOne(text, scoreLearnt)
    let verdict: Verdict = { action: 'pass', score: 0 }
    for (let at = 0; at < text.length && verdict.action === 'pass'; at += 1) {
      verdict = surer(verdict, checkOne(text[at] ?? '', scoreLearnt))
      if (at > 0) verdict = surer(verdict, checkOne(joinTurns(text.slice(0, at + 1)), scoreLearnt))
    }
    return verdict
  }

/** Checks a text, or turns. It knows no sender and remembers nothing. */
export const checkText: Check = createCheck(scoreModel)
