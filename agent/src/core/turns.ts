import type { Turn } from './ports.ts'
import { renderTurn } from './prompt.ts'

/** What a thinking model leaves in the text where its server has no better place for it; no other model should read it. */
const THOUGHTS = /^\s*<(?<tag>think|thinking|reasoning)>[\s\S]*?<\/\k<tag>>\s*/i

const clean = (turn: Turn): Turn =>
  turn.role === 'assistant' ? { role: 'assistant', text: turn.text.replace(THOUGHTS, '') } : turn

/** Two neighbours of one role as one turn; where their senders differ, each part names its own. */
const merge = (one: Turn, other: Turn): Turn =>
  one.sender === other.sender
    ? { ...one, text: `${one.text}\n\n${other.text}` }
    : { role: one.role, text: `${renderTurn(one)}\n\n${renderTurn(other)}` }

/**
 * A conversation as every vendor takes it: it begins and ends with a user's turn, roles alternate, and no turn is empty.
 * Vendors refuse anything else, each in its own way; where the system prompt stands is the adapter's business. What a
 * model thought before it answered is left out, since it is nobody else's.
 */
export const rewriteTurns = (turns: readonly Turn[]): Turn[] => {
  const rewritten: Turn[] = []
  for (const turn of turns.map(clean)) {
    const last = rewritten.at(-1)
    if (turn.text.trim() === '' || (!last && turn.role === 'assistant')) continue
    if (last?.role === turn.role) rewritten.splice(-1, 1, merge(last, turn))
    else rewritten.push(turn)
  }
  if (rewritten.at(-1)?.role === 'assistant') rewritten.pop()
  return rewritten
}

const countChars = (turns: readonly Turn[]): number => turns.reduce((sum, { text }) => sum + text.length, 0)

/**
 * Rewritten turns without the oldest ones, at most half as long where that can be, always with the last user's turn;
 * undefined when there is nothing that could go.
 */
export const trimTurns = (turns: readonly Turn[]): Turn[] | undefined => {
  const begins = turns.flatMap(({ role }, index) => (role === 'user' && index > 0 ? [index] : []))
  const half = countChars(turns) / 2
  const begin = begins.find((index) => countChars(turns.slice(index)) <= half) ?? begins.at(-1)
  return begin === undefined ? undefined : turns.slice(begin)
}
