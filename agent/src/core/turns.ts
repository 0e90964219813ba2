import type { Turn } from './ports.ts'
import { dropThoughts } from './thoughts.ts'

const clean = (turn: Turn): Turn =>
  turn.role === 'assistant' ? { role: 'assistant', text: dropThoughts(turn.text) } : turn

/**
 * A conversation as every vendor takes it, once neighbours of one role are joined: it begins and ends with a user's turn,
 * and no turn is empty. Vendors refuse anything else, each in its own way; where the system prompt stands is the adapter's
 * business. What a model thought before it answered is left out, since it is nobody else's.
 */
export const rewriteTurns = (turns: readonly Turn[]): Turn[] => {
  const spoken = turns.map(clean).filter(({ text }) => text.trim() !== '')
  const isUser = ({ role }: Turn) => role === 'user'
  const begin = spoken.findIndex(isUser)
  return begin === -1 ? [] : spoken.slice(begin, spoken.findLastIndex(isUser) + 1)
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
