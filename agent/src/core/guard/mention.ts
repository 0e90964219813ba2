import { toIndex } from './concepts.ts'
import type { Hit } from './lexicon.ts'

/** A part of a text. */
interface Span {
  readonly from: number
  readonly to: number
}

/** What closes a quotation, by what opens it. */
const QUOTES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['“', '”'],
  ['„', '“'],
  ['«', '»'],
  ['「', '」'],
  ['『', '』'],
  ['`', '`'],
  ["'", "'"],
  ['‘', '’'],
])
/** A longer one is a document, not a phrase. */
const QUOTE_CHARS_MAX = 200
/** The signs that open or close a quotation, by their codes. */
const SIGNS = new Uint8Array(65_536)
for (const sign of [...QUOTES].flat()) SIGNS[sign.charCodeAt(0)] = 1
const LETTER = /[\p{L}\p{N}]/u

const opensHere = (text: string, at: number): boolean => {
  const sign = text[at] ?? ''
  // an apostrophe stands behind a letter
  return QUOTES.has(sign) && !((sign === "'" || sign === '‘') && at > 0 && LETTER.test(text[at - 1] ?? ''))
}

/** The quotations of a text, in order. One walk; a line break ends a quotation that is open. */
const findQuotes = (text: string): readonly Span[] => {
  const quotes: Span[] = []
  let from = -1
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (from >= 0 && (code === 10 || at - from > QUOTE_CHARS_MAX)) from = -1
    if (SIGNS[code] === 0) continue
    if (from >= 0 && text[at] === QUOTES.get(text[from] ?? '')) {
      // within a word it is an apostrophe
      if (code === 39 && LETTER.test(text[at + 1] ?? '')) continue
      if (at - from > 3) quotes.push({ from, to: at + 1 })
      from = -1
    } else if (from < 0 && opensHere(text, at)) from = at
  }
  return quotes
}

const TALK = 1 << toIndex('talk')
const EXPLAIN = 1 << toIndex('explain')

/** What is left of a finding that is only quoted, or talked about. */
const MENTIONED = 0.3

/** Where a text speaks about attacks rather than making one. */
export interface Mentions {
  readonly quotes: readonly Span[]
  /** The first words outside quotes that speak about attacks, and that explain. */
  readonly talkAt: number
  readonly explainAt: number
}

const firstOutside = (hits: readonly Hit[], quotes: readonly Span[], concept: number): number => {
  let quote = 0
  for (const hit of hits) {
    while (quote < quotes.length && (quotes[quote]?.to ?? 0) <= hit.from) quote += 1
    const isQuoted = (quotes[quote]?.from ?? Number.POSITIVE_INFINITY) <= hit.from
    if (!isQuoted && (hit.concepts & concept) !== 0) return hit.from
  }
  return Number.POSITIVE_INFINITY
}

/** What a text quotes, and whether it explains. */
export const findMentions = (text: string, hits: readonly Hit[]): Mentions => {
  const quotes = findQuotes(text)
  return { quotes, talkAt: firstOutside(hits, quotes, TALK), explainAt: firstOutside(hits, quotes, EXPLAIN) }
}

/** How much a finding that ends at this place counts, from 0 to 1. */
export const weigh = ({ quotes, talkAt, explainAt }: Mentions, to: number): number => {
  const isQuoted = quotes.some((quote) => quote.from < to && to <= quote.to)
  if (isQuoted && Math.min(talkAt, explainAt) < Number.POSITIVE_INFINITY) return MENTIONED
  return talkAt < to && explainAt < to ? MENTIONED : 1
}
