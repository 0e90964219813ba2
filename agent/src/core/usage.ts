import type { Usage } from './events.ts'
import type { Prompt, Turn } from './ports.ts'
import { renderTurn } from './render-turns.ts'

/** Bytes of text that make a token in an estimate: near enough for English, on the safe side for code. */
const BYTES_PER_TOKEN = 4

const encoder = new TextEncoder()

/** How many tokens a text may be, where the vendor does not say: a quarter of its bytes in UTF-8. */
export const estimateTokens = (text: string): number => Math.ceil(encoder.encode(text).length / BYTES_PER_TOKEN)

/** As long as a real delimiter; nothing that is rendered with it goes anywhere. */
const DELIMITER_TO_COUNT = '0'.repeat(32)

/** How many tokens a turn may be, with the frame around it. */
export const estimateTurn = (turn: Turn): number =>
  estimateTokens(renderTurn({ ...turn, text: '' }, DELIMITER_TO_COUNT)) + estimateTokens(turn.text)

/** What an attempt may have cost, by the text that went and came. */
export const estimateUsage = ({ system, turns, tools }: Prompt, answer: string): Usage => ({
  inputTokens:
    estimateTokens(system) +
    turns.reduce((sum, turn) => sum + estimateTurn(turn), 0) +
    (tools === undefined ? 0 : estimateTokens(JSON.stringify(tools))),
  outputTokens: estimateTokens(answer),
})

/** Both kinds of tokens together. */
export const sumTokens = ({ inputTokens, outputTokens }: Usage): number => inputTokens + outputTokens

/** Price of a million tokens, in whatever currency its owner reckons in. */
export interface Price {
  readonly in: number
  readonly out: number
}

/** Prices by `provider/model`, or by `provider` for any model of it. */
export type Prices = Readonly<Record<string, Price>>

const TOKENS_PER_PRICE = 1_000_000

/** What tokens cost; undefined where no price is known. */
export const findCost = (prices: Prices, provider: string, model: string, usage: Usage): number | undefined => {
  const key = [`${provider}/${model}`, provider].find((each) => Object.hasOwn(prices, each))
  const price = key === undefined ? undefined : prices[key]
  if (!price) return undefined
  // a sum of binary fractions, cut where no currency has a coin any more
  return Number(((usage.inputTokens * price.in + usage.outputTokens * price.out) / TOKENS_PER_PRICE).toPrecision(12))
}
