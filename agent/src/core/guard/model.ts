import { decodeBase64 } from './decode-bytes.ts'
import { FEATURE_BUCKETS, toFeatures } from './features.ts'
import table from './model.json' with { type: 'json' }

/** A logistic regression over the features of a text. */
export interface LearntTable {
  /** One signed byte per bucket. */
  readonly weights: Int8Array
  /** What a step of a weight is worth. */
  readonly scale: number
  readonly bias: number
  /** The margin from which on it is sure enough to block alone. */
  readonly threshold: number
}

/** How much a text's features weigh. */
export const toMargin = ({ weights, scale, bias }: LearntTable, folded: string): number => {
  const features = toFeatures(folded)
  let sum = 0
  for (const feature of features) sum += weights[feature] ?? 0
  return bias + (sum * scale) / Math.sqrt(Math.max(1, features.length))
}

/** How much a folded text resembles attacks more than everyday texts, from 0 to 1; one half at the threshold. */
export const scoreWith = (learnt: LearntTable, folded: string): number =>
  1 / (1 + Math.exp(learnt.threshold - toMargin(learnt, folded)))

const LEARNT: LearntTable = { ...table, weights: new Int8Array(FEATURE_BUCKETS) }
LEARNT.weights.set(new Int8Array(decodeBase64(table.weights)).subarray(0, FEATURE_BUCKETS))

/** {@link scoreWith} the table that ships. */
export const scoreModel = (folded: string): number => scoreWith(LEARNT, folded)
