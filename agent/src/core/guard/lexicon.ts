import { CONCEPTS, type Lexicon, toIndex } from './concepts.ts'
import { foldText } from './fold.ts'
import { CHINESE_JAPANESE, OTHER_SCRIPTS } from './lexicon-asian.ts'
import { MORE_LATIN, SLAVIC } from './lexicon-eastern.ts'
import { ENGLISH } from './lexicon-english.ts'
import { GERMANIC, ROMANCE } from './lexicon-european.ts'

/** Slots of a node: a to z, 0 to 9, the gap. */
const SLOTS = 37

/**
 * The tree of all words. Nodes are numbers: their children by slot in one
 * array, those of other scripts in one map each; what ends at them as bits of
 * concepts.
 */
interface Tree {
  readonly children: number[]
  readonly others: (Map<number, number> | undefined)[]
  /** Concepts of a word that ends here. */
  readonly whole: number[]
  /** Concepts of every word that begins so. */
  readonly stem: number[]
}

/** A word of the lexicon found in a text. */
export interface Hit {
  /** The concepts of the word, as bits. */
  readonly concepts: number
  /** Where it begins, in characters. */
  readonly from: number
  /** Where it ends. */
  readonly to: number
  /** Which word of the text it is; the ends of sentences count, too. */
  readonly word: number
}

const SPACE = 32

const toSlot = (code: number): number => {
  if (code >= 97 && code <= 122) return code - 97
  if (code >= 48 && code <= 57) return code - 22
  return code === SPACE ? 36 : -1
}

/** Scripts whose words stand without gaps, or grow in front: their words are looked for anywhere. */
const isFree = (code: number): boolean =>
  (code >= 0x3040 && code <= 0x9fff) || (code >= 0x0e00 && code <= 0x0eff) || (code >= 0x0600 && code <= 0x06ff)

/** What a character of such a script is in words. */
const toWords = (code: number): number => (code >= 0x3040 ? 0.5 : 0.2)

/** Letters and digits of any script, by ranges: exact enough to know where words end. */
const isWord = (code: number): boolean =>
  (code >= 97 && code <= 122) ||
  (code >= 48 && code <= 57) ||
  (code >= 0xaa &&
    code !== 0xab &&
    code !== 0xbb &&
    code !== 0xb7 &&
    !(code >= 0x2000 && code <= 0x2bff) &&
    !isMark(code))
const isMark = (code: number): boolean =>
  (code >= 0x3000 && code <= 0x303f) || code >= 0xff00 || (code >= 0xd800 && code <= 0xdfff) || code === 0x0964
const isSentenceEnd = (code: number): boolean =>
  code === 46 || code === 33 || code === 63 || code === 10 || code === 0x3002 || code === 0x0964 || code === 59

const addNode = ({ children, others, whole, stem }: Tree): number => {
  for (let slot = 0; slot < SLOTS; slot += 1) children.push(0)
  others.push(undefined)
  stem.push(0)
  return whole.push(0) - 1
}

const addChild = (tree: Tree, node: number, code: number): number => {
  const child = addNode(tree)
  const slot = toSlot(code)
  if (slot >= 0) tree.children[node * SLOTS + slot] = child
  else tree.others[node] = (tree.others[node] ?? new Map<number, number>()).set(code, child)
  return child
}

/** The child of a node, or 0, which is the root and nobody's child. */
const childOf = (
  tree: Pick<Tree, 'others'> & { readonly children: ArrayLike<number> },
  node: number,
  code: number,
): number => {
  const slot = toSlot(code)
  return (slot >= 0 ? tree.children[node * SLOTS + slot] : tree.others[node]?.get(code)) ?? 0
}

const addWord = (tree: Tree, written: string, concept: number): void => {
  const isStem = written.endsWith('*')
  const word = foldText(isStem ? written.slice(0, -1) : written)
  let node = 0
  for (let at = 0; at < word.length; at += 1) {
    const code = word.charCodeAt(at)
    node = childOf(tree, node, code) || addChild(tree, node, code)
  }
  const ends = isStem || isFree(word.charCodeAt(word.length - 1)) ? tree.stem : tree.whole
  ends[node] = (ends[node] ?? 0) | (1 << concept)
}

const growTree = (lexicons: readonly Lexicon[]) => {
  const tree: Tree = { children: [], others: [], whole: [], stem: [] }
  addNode(tree)
  for (const lexicon of lexicons) {
    for (const concept of CONCEPTS) {
      for (const word of lexicon[concept]?.split(',') ?? []) addWord(tree, word, toIndex(concept))
    }
  }
  return {
    children: Uint16Array.from(tree.children),
    others: tree.others,
    whole: Int32Array.from(tree.whole),
    stem: Int32Array.from(tree.stem),
  }
}

const TREE = growTree([ENGLISH, GERMANIC, ROMANCE, SLAVIC, MORE_LATIN, CHINESE_JAPANESE, OTHER_SCRIPTS])

/** Whether any word begins with a character: most places of most texts are left at once. */
const BEGINS = new Uint8Array(65_536)
for (let code = 0; code < BEGINS.length; code += 1) BEGINS[code] = childOf(TREE, 0, code) === 0 ? 0 : 1

/** The gap between two words of one phrase: at most this many characters that are no letters. */
const GAP_MAX = 3

const skipGap = (text: string, from: number): number => {
  let at = from
  while (at < text.length && at - from < GAP_MAX && !isWord(text.charCodeAt(at))) at += 1
  return at
}

const isApostrophe = (code: number): boolean => code === 39 || code === 0x2019

/** What a word that was found means, and where it ends. */
interface Found {
  readonly concepts: number
  readonly to: number
}

const endsAt = (text: string, at: number): boolean => {
  const code = at < text.length ? text.charCodeAt(at) : SPACE
  return !isWord(code) && !(isApostrophe(code) && isWord(text.charCodeAt(at + 1)))
}

/** What begins at one place of the text: the concepts of all words, and the end of the longest. */
const matchAt = (text: string, from: number): Found | undefined => {
  let [node, at, concepts, to] = [0, from, 0, from]
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (!isWord(code)) {
      const gap = childOf(TREE, node, SPACE)
      if (isApostrophe(code) && gap === 0) {
        at += 1
        continue
      }
      const end = skipGap(text, at)
      if (gap === 0 || end >= text.length || !isWord(text.charCodeAt(end))) break
      node = gap
      at = end
      continue
    }
    node = childOf(TREE, node, code)
    if (node === 0) break
    at += 1
    const found = (TREE.stem[node] ?? 0) | (endsAt(text, at) ? (TREE.whole[node] ?? 0) : 0)
    if (found === 0) continue
    concepts |= found
    to = at
  }
  return concepts === 0 ? undefined : { concepts, to }
}

const wordEnd = (text: string, from: number): number => {
  let at = from
  while (at < text.length && isWord(text.charCodeAt(at))) at += 1
  return at
}

/** How far words of two sentences are apart. */
const SENTENCE_WORDS = 3

/**
 * All words of the lexicon in a folded text, in order. One walk: at each
 * beginning of a word the tree is followed as far as it leads.
 */
export const findHits = (text: string): readonly Hit[] => {
  const hits: Hit[] = []
  let word = 0
  let at = 0
  let ended = false
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (!isWord(code)) {
      if (!ended && isSentenceEnd(code)) {
        word += SENTENCE_WORDS
        ended = true
      }
      at += 1
      continue
    }
    ended = false
    const match = BEGINS[code] === 1 ? matchAt(text, at) : undefined
    if (match !== undefined) hits.push({ concepts: match.concepts, from: at, to: match.to, word })
    if (isFree(code)) {
      word += toWords(code)
      at += 1
    } else {
      word += 1
      at = wordEnd(text, at)
    }
  }
  return hits
}
