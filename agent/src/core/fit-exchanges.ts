import type { Exchange } from './conversation-ports.ts'
import type { Turn } from './ports.ts'
import { estimateTokens, estimateTurn } from './usage.ts'

/** What a vendor adds around a turn, in tokens: its role and its borders. */
const TURN_TOKENS = 8
/** Of an exchange that must be cut, the part that its answer gets: people refer to answers. */
const ANSWER_SHARE = 0.75
const CUT = ' […]'

const countTokens = (turn: Turn): number => estimateTurn(turn) + TURN_TOKENS

/** An exchange as its two turns. */
export const toTurns = ({ question, answer, sender }: Exchange): readonly [Turn, Turn] => [
  { role: 'user', text: question, ...(sender === undefined ? {} : { sender }) },
  { role: 'assistant', text: answer },
]

/** The beginning of a text, with a mark when something is missing, in at most so many tokens. */
const clip = (text: string, tokens: number): string => {
  const estimate = estimateTokens(text)
  if (estimate <= tokens) return text
  const room = Math.max(0, tokens - estimateTokens(CUT))
  let kept = text.slice(0, Math.floor((text.length * room) / estimate))
  // the beginning may be of larger characters than the rest
  while (estimateTokens(kept) > room) kept = kept.slice(0, Math.floor(kept.length * 0.9))
  return `${kept.toWellFormed()}${CUT}`
}

const clipExchange = (exchange: Exchange, tokens: number): readonly Turn[] => {
  const [asked, answered] = toTurns(exchange)
  const frame = countTokens({ ...asked, text: '' }) + TURN_TOKENS
  // what is left of a text below this says nothing
  if (tokens < frame + 64) return []
  const answer = clip(answered.text, Math.floor((tokens - frame) * ANSWER_SHARE))
  const question = clip(asked.text, tokens - frame - estimateTokens(answer))
  return [
    { ...asked, text: question },
    { ...answered, text: answer },
  ]
}

/**
 * The end of a conversation that fits into so many tokens, in whole exchanges, so that roles alternate and no answer
 * stands without its question. If not even the newest fits, its beginning is given, since most questions are about it.
 *
 * @param tokensMax what is left of the budget once the system prompt and the new question have their part
 */
export const fitExchanges = (exchanges: readonly Exchange[], tokensMax: number): readonly Turn[] => {
  let left = tokensMax
  let begin = exchanges.length
  for (const exchange of exchanges.toReversed()) {
    left -= toTurns(exchange).reduce((sum, turn) => sum + countTokens(turn), 0)
    if (left < 0) break
    begin -= 1
  }
  const newest = exchanges.at(-1)
  if (begin === exchanges.length && newest !== undefined) return clipExchange(newest, tokensMax)
  return exchanges.slice(begin).flatMap(toTurns)
}
