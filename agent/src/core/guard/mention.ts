import { toIndex } from './concepts.ts'
import type { Hit } from './lexicon.ts'

/** A part of a text. */
interface Span {
  readonly from: number
  readonly to: number
}

const QUOTES =
  /"[^"\n]{3,200}"|“[^”\n]{3,200}”|«[^»\n]{3,200}»|„[^“”\n]{3,200}[“”]|「[^」\n]{3,200}」|『[^』\n]{3,200}』|`[^`\n]{3,200}`|(?<![\p{L}\p{N}])['‘][^'’\n]{3,160}['’](?![\p{L}\p{N}])/gu

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
  const quotes = [...text.matchAll(QUOTES)].map((match) => ({ from: match.index, to: match.index + match[0].length }))
  return { quotes, talkAt: firstOutside(hits, quotes, TALK), explainAt: firstOutside(hits, quotes, EXPLAIN) }
}

/** How much a finding at this place counts, from 0 to 1. */
export const weigh = ({ quotes, talkAt, explainAt }: Mentions, from: number, to: number): number => {
  const isQuoted = quotes.some((quote) => quote.from <= from && to <= quote.to)
  if (isQuoted && Math.min(talkAt, explainAt) < Number.POSITIVE_INFINITY) return MENTIONED
  return talkAt < from && explainAt < from ? MENTIONED : 1
}
