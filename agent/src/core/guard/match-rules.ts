import { CONCEPTS, toIndex } from './concepts.ts'
import type { Hit } from './lexicon.ts'
import { READY_RULES, type ReadyRule } from './rules.ts'

/** A rule that was found. */
export interface Match {
  readonly rule: ReadyRule
  /** Where the words that make it end. */
  readonly to: number
}

const OVERRIDE = 1 << toIndex('override')
const NOT = 1 << toIndex('not')
const NEGATION_WORDS_MAX = 2
const PAUSE = /[,;:.!?\n-]/

/** What is known at one point of the walk: at which word each concept was seen last. */
type Seen = Float64Array

const latest = (seen: Seen, mask: number, notAfter: number): number => {
  let best = -1
  for (let bits = mask; bits !== 0; bits &= bits - 1) {
    const concept = 31 - Math.clz32(bits & -bits)
    const word = seen[concept] ?? Number.NEGATIVE_INFINITY
    if (word <= notAfter && (best < 0 || word > (seen[best] ?? 0))) best = concept
  }
  return best
}

/** Whether all groups of the rule were seen close before this hit. */
const completes = (seen: Seen, rule: ReadyRule, hit: Hit): boolean => {
  let notAfter = Number.POSITIVE_INFINITY
  for (let at = rule.masks.length - 1; at >= 0; at -= 1) {
    const concept = latest(seen, rule.masks[at] ?? 0, notAfter)
    const word = concept < 0 ? Number.NEGATIVE_INFINITY : (seen[concept] ?? 0)
    if (hit.word - word > rule.within) return false
    if (rule.isOrdered === true) notAfter = word
  }
  return true
}

/** The places of the rules that need a concept, by concept. */
const RULES_OF: readonly (readonly number[])[] = CONCEPTS.map((_, concept) =>
  READY_RULES.flatMap(({ any }, at) => ((any & (1 << concept)) === 0 ? [] : [at])),
)

/** "Do not ignore the rules" is the contrary of an attack. */
const withoutNegated = (text: string, hit: Hit, not: Hit | undefined): number => {
  const isNegated =
    not !== undefined &&
    not !== hit &&
    hit.word - not.word <= NEGATION_WORDS_MAX &&
    !PAUSE.test(text.slice(not.to, hit.from))
  return isNegated ? hit.concepts & ~OVERRIDE : hit.concepts
}

const completeRules = (seen: Seen, hit: Hit, concepts: number, found: (Match | undefined)[]): void => {
  for (let bits = concepts; bits !== 0; bits &= bits - 1) {
    for (const at of RULES_OF[31 - Math.clz32(bits & -bits)] ?? []) {
      const rule = READY_RULES[at]
      if (rule === undefined || found[at] !== undefined) continue
      if (completes(seen, rule, hit)) found[at] = { rule, to: hit.to }
    }
  }
}

/** Every rule that the words of a text complete, once each, at its first place. One walk over the words. */
export const matchRules = (text: string, hits: readonly Hit[]): readonly Match[] => {
  const seen: Seen = new Float64Array(CONCEPTS.length).fill(Number.NEGATIVE_INFINITY)
  const found: (Match | undefined)[] = new Array(READY_RULES.length).fill(undefined)
  let not: Hit | undefined
  for (const hit of hits) {
    const concepts = (hit.concepts & OVERRIDE) === 0 ? hit.concepts : withoutNegated(text, hit, not)
    for (let bits = concepts; bits !== 0; bits &= bits - 1) {
      seen[31 - Math.clz32(bits & -bits)] = hit.word
    }
    if ((concepts & NOT) !== 0) not = hit
    completeRules(seen, hit, concepts, found)
  }
  return found.filter((match) => match !== undefined)
}
