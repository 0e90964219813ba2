import { GUARD_BOUNDS } from './bounds.ts'
import { type Finding, findRules, findSigns } from './find-signs.ts'
import { scoreModel } from './model.ts'
import { readFrames } from './read-frames.ts'
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

/** From which score on a message is blocked. */
export const BLOCK_SCORE = 0.5
/** The one sentence for every blocked message: it says neither which rule nor which word. */
export const BLOCKED_SENTENCE =
  'I cannot take this message as it is written. Please say in plain words what you would like me to do.'

const toFamily = (id: string): string => id.slice(0, id.indexOf('.'))

/** What a learnt table says of a folded text and of what was found in it, from 0 to 1. */
export type ScoreLearnt = (folded: string, findings: readonly Finding[]) => number

/** Findings of one kind count once, findings of different kinds add up. */
const addUp = (findings: readonly Finding[]): number => {
  const families = new Map<string, number>()
  for (const { id, score } of findings) {
    const family = toFamily(id)
    families.set(family, Math.max(families.get(family) ?? 0, score))
  }
  let doubt = 1
  for (const score of families.values()) doubt *= 1 - score
  return 1 - doubt
}

/** A view is as suspicious as the rules say, or the learnt table, which knows what the rules say. */
const judge = (findings: readonly Finding[], learnt: number): Verdict => {
  const found = addUp(findings)
  const score = Math.max(found, learnt)
  if (score < BLOCK_SCORE) return { action: 'pass', score }
  const [best] = found < BLOCK_SCORE ? [] : [...findings].sort((one, other) => other.score - one.score)
  return { action: 'block', ruleId: best?.id ?? 'model.learnt', score, sentence: BLOCKED_SENTENCE }
}

const cut = (text: string): string =>
  text.length <= GUARD_BOUNDS.textCharsMax
    ? text
    : `${text.slice(0, GUARD_BOUNDS.textCharsMax / 2)}\n${text.slice(-GUARD_BOUNDS.textCharsMax / 2)}`

const surer = (one: Verdict, other: Verdict): Verdict => (other.score > one.score ? other : one)

const checkViews = (text: string, judgeView: (view: View) => Verdict): Verdict => {
  let verdict: Verdict = { action: 'pass', score: 0 }
  for (const view of toViews(cut(text))) {
    verdict = surer(verdict, judgeView(view))
    if (verdict.action === 'block') break
  }
  return verdict
}

const checkRules = (text: string): Verdict => checkViews(text, (view) => judge(findRules(view), 0))

/** Of what others are quoted with only rules count: it is framed again before a model sees it. */
const checkOne = (text: string, scoreLearnt: ScoreLearnt): Verdict => {
  const { outside, inside } = readFrames(text)
  const verdict = checkViews(outside, (view) => {
    const findings = findSigns(view)
    return judge(findings, scoreLearnt(view.text, findings))
  })
  return inside === '' || verdict.action === 'block' ? verdict : surer(verdict, checkRules(inside))
}

/** The last turns as one text. */
const joinTurns = (turns: readonly string[]): string =>
  turns
    .slice(-GUARD_BOUNDS.turnsMax)
    .map((turn) => turn.slice(-GUARD_BOUNDS.turnCharsMax))
    .join('\n')

/**
 * What the last turns say together. Only rules count: they find what was divided, and a table that knows single messages
 * would only add up its doubts.
 */
export const checkJoined = (turns: readonly string[]): Verdict => checkRules(joinTurns(turns))

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
      if (at > 0) verdict = surer(verdict, checkJoined(text.slice(0, at + 1)))
    }
    return verdict
  }

/** Checks a text, or turns. It knows no sender and remembers nothing. */
export const checkText: Check = createCheck(scoreModel)
