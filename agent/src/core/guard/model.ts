import { decodeBase64 } from './decode-bytes.ts'
import { FEATURE_BUCKETS, toFeatures } from './features.ts'
import table from './model.json' with { type: 'json' }

const WEIGHTS = new Int8Array(FEATURE_BUCKETS)
WEIGHTS.set(new Int8Array(decodeBase64(table.weights)).subarray(0, FEATURE_BUCKETS))

/**
 * How much a folded text resembles attacks more than everyday texts, from 0
 * to 1: a logistic regression over hashed words and pieces of words. One half
 * is where it is sure enough to block alone.
 */
export const scoreModel = (folded: string): number => {
  const features = toFeatures(folded)
  if (features.length === 0) return 0
  let sum = 0
  for (const feature of features) sum += WEIGHTS[feature] ?? 0
  const margin = table.bias + (sum * table.scale) / Math.sqrt(features.length)
  return 1 / (1 + Math.exp(table.threshold - margin))
}
