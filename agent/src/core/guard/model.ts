import { decodeBase64 } from './decode-bytes.ts'
import { FEATURE_BUCKETS, toFeatures } from './features.ts'
import type { Finding } from './find-signs.ts'
import table from './model.json' with { type: 'json' }

/** A logistic regression over the features of a text and over what the rules find in it. */
export interface LearntTable {
  /** One signed byte per bucket. */
  readonly weights: Int8Array
  /** What a step of a weight is worth. */
  readonly scale: number
  /** What a finding is worth, by its sign. */
  readonly signs: { readonly [sign: string]: number }
  readonly bias: number
  /** The margin from which on it is sure enough to block alone. */
  readonly threshold: number
}

/** A finding as a sign: what is only mentioned is another one, and may speak for a text. */
export const toSign = ({ id, isMentioned }: Finding): string => (isMentioned ? `${id}?` : id)

/** How much a text resembles attacks more than everyday texts. */
export const toMargin = (table: LearntTable, folded: string, findings: readonly Finding[]): number => {
  const features = toFeatures(folded)
  let sum = 0
  for (const feature of features) sum += table.weights[feature] ?? 0
  const margin = table.bias + (sum * table.scale) / Math.sqrt(Math.max(1, features.length))
  return findings.reduce((all, finding) => all + (table.signs[toSign(finding)] ?? 0), margin)
}

/** {@link toMargin}, from 0 to 1; one half at the threshold. */
export const scoreWith = (table: LearntTable, folded: string, findings: readonly Finding[]): number =>
  1 / (1 + Math.exp(table.threshold - toMargin(table, folded, findings)))

const LEARNT: LearntTable = { ...table, weights: new Int8Array(FEATURE_BUCKETS) }
LEARNT.weights.set(new Int8Array(decodeBase64(table.weights)).subarray(0, FEATURE_BUCKETS))

/** {@link scoreWith} the table that ships. */
export const scoreModel = (folded: string, findings: readonly Finding[]): number => scoreWith(LEARNT, folded, findings)
