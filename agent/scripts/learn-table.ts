import { FEATURE_BUCKETS, toFeatures } from '../src/core/guard/features.ts'
import { findSigns } from '../src/core/guard/find-signs.ts'
import { foldText } from '../src/core/guard/fold.ts'
import { type LearntTable, toSign } from '../src/core/guard/model.ts'

/** A text whose label is known. */
export interface Labelled {
  readonly text: string | readonly string[]
  readonly isAttack: boolean
}

/** A text ready for learning: what is in it, by number, and how much each counts. */
interface Example {
  readonly features: readonly number[]
  readonly signs: readonly number[]
  readonly isAttack: boolean
}

const EPOCHS = 40
const RATE = 0.6
/** How fast a piece of a word is forgotten that does not prove itself: words of one source mean little elsewhere. */
const FEATURE_DECAY = 3e-3
const SIGN_DECAY = 1e-3

/** The numbers of signs, in the order of their first appearance, beyond those of the features. */
class SignNumbers {
  readonly names: string[] = []

  of(sign: string): number {
    const known = this.names.indexOf(sign)
    return FEATURE_BUCKETS + (known < 0 ? this.names.push(sign) - 1 : known)
  }
}

const toExample = ({ text, isAttack }: Labelled, numbers: SignNumbers): Example => {
  const folded = foldText(typeof text === 'string' ? text : text.join('\n'))
  const findings = findSigns({ text: folded, depth: 0 })
  return {
    features: toFeatures(folded),
    signs: [...new Set(findings.map(toSign))].map((sign) => numbers.of(sign)),
    isAttack,
  }
}

/** The same order in every run. */
const shuffle = (order: number[], seed: number): number => {
  let next = seed
  for (let at = order.length - 1; at > 0; at -= 1) {
    next = (Math.imul(next, 1_103_515_245) + 12_345) & 0x7fffffff
    const other = next % (at + 1)
    const [one, two] = [order[at] ?? 0, order[other] ?? 0]
    order[at] = two
    order[other] = one
  }
  return next
}

/** Weights that grow by adaptive gradient descent on the logistic loss. */
class Learner {
  readonly weights: Float64Array
  readonly #squares: Float64Array
  bias = 0
  #biasSquare = 1e-3

  constructor(size: number) {
    this.weights = new Float64Array(size)
    this.#squares = new Float64Array(size).fill(1e-3)
  }

  learn({ features, signs, isAttack }: Example): void {
    // texts have one length, whatever their number of features
    const share = 1 / Math.sqrt(Math.max(1, features.length))
    let margin = this.bias
    for (const feature of features) margin += (this.weights[feature] ?? 0) * share
    for (const sign of signs) margin += this.weights[sign] ?? 0
    const error = 1 / (1 + Math.exp(-margin)) - (isAttack ? 1 : 0)
    this.#biasSquare += error * error
    this.bias -= (RATE * error) / Math.sqrt(this.#biasSquare) / 10
    for (const feature of features) this.#move(feature, error * share, FEATURE_DECAY)
    for (const sign of signs) this.#move(sign, error, SIGN_DECAY)
  }

  #move(place: number, slope: number, decay: number): void {
    const gradient = slope + decay * (this.weights[place] ?? 0)
    const square = (this.#squares[place] ?? 0) + gradient * gradient
    this.#squares[place] = square
    this.weights[place] = (this.weights[place] ?? 0) - (RATE * gradient) / Math.sqrt(square)
  }
}

const round = (value: number): number => Number(value.toFixed(3))

/** Weights as bytes. */
const toTable = ({ weights, bias }: Learner, names: readonly string[], threshold: number): LearntTable => {
  const features = weights.subarray(0, FEATURE_BUCKETS)
  const largest = features.reduce((most, weight) => Math.max(most, Math.abs(weight)), 1e-9)
  const scale = largest / 127
  const signs = names.map((name, at) => [name, round(weights[FEATURE_BUCKETS + at] ?? 0)] as const).sort()
  return {
    weights: Int8Array.from(features, (weight) => Math.round(weight / scale)),
    scale,
    signs: Object.fromEntries(signs),
    bias,
    threshold,
  }
}

/** Learns a table from texts. The same texts in the same order give the same table. */
export const learnTable = (texts: readonly Labelled[], threshold: number): LearntTable => {
  const numbers = new SignNumbers()
  const examples = texts.map((text) => toExample(text, numbers))
  const learner = new Learner(FEATURE_BUCKETS + numbers.names.length)
  const order = examples.map((_, at) => at)
  let seed = 7
  for (let epoch = 0; epoch < EPOCHS; epoch += 1) {
    seed = shuffle(order, seed)
    for (const at of order) {
      const example = examples[at]
      if (example !== undefined) learner.learn(example)
    }
  }
  return toTable(learner, numbers.names, threshold)
}
