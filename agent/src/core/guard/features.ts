/** Places of the learnt table: a power of two. */
export const FEATURE_BUCKETS = 65_536
/** Characters at the beginning and at the end of a text that the learnt table reads. */
const HEAD_CHARS = 1_200
const TAIL_CHARS = 600
const WORDS_MAX = 500
/** Letters of a piece of a word. */
const PIECE = 4

const WORD = /[\p{L}\p{M}]+|\p{N}+/gu
const FNV_PRIME = 0x01000193

const mix = (hash: number, code: number): number => Math.imul(hash ^ code, FNV_PRIME)
const toBucket = (hash: number): number => {
  const spread = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return (spread ^ (spread >>> 13)) & (FEATURE_BUCKETS - 1)
}

const hashWord = (word: string, seed: number): number => {
  let hash = seed
  for (let at = 0; at < word.length; at += 1) hash = mix(hash, word.charCodeAt(at))
  return hash
}

/** Which buckets are in the set that is being made; cleared again with it, so that nothing is allocated per text. */
const MARKS = new Uint8Array(FEATURE_BUCKETS)

/** Buckets in the order of their first appearance, each once. */
class BucketSet {
  readonly #buckets: number[] = []

  add(hash: number): void {
    const bucket = toBucket(hash)
    if (MARKS[bucket] === 1) return
    MARKS[bucket] = 1
    this.#buckets.push(bucket)
  }

  take(): readonly number[] {
    for (const bucket of this.#buckets) MARKS[bucket] = 0
    return this.#buckets
  }
}

const addPieces = (features: BucketSet, word: string): void => {
  const padded = `^${word}$`
  for (let from = 0; from + PIECE <= padded.length; from += 1) {
    let hash = 0x811c9dc5 + PIECE
    for (let at = from; at < from + PIECE; at += 1) hash = mix(hash, padded.charCodeAt(at))
    features.add(hash)
  }
}

/**
 * A folded text as places of the learnt table: its words, its pairs of words,
 * and the pieces of its words; each once. Punctuation does not count, and all
 * numbers are one, so that a decoded copy has the features of its original.
 */
export const toFeatures = (folded: string): readonly number[] => {
  const read =
    folded.length <= HEAD_CHARS + TAIL_CHARS ? folded : `${folded.slice(0, HEAD_CHARS)} ${folded.slice(-TAIL_CHARS)}`
  const features = new BucketSet()
  let before = 0x9e3779b9
  for (const word of (read.match(WORD) ?? []).slice(0, WORDS_MAX)) {
    const code = word.charCodeAt(0)
    const plain = code >= 48 && code <= 57 ? '0' : word.slice(0, 40)
    const hash = hashWord(plain, 0x1000193)
    features.add(hash)
    features.add(mix(before, hash))
    addPieces(features, plain)
    before = hash
  }
  return features.take()
}
