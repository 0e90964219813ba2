import { frameUntrusted } from './guard/frame-untrusted.ts'
import type { Turn } from './ports.ts'

/** A turn as a vendor takes it. */
export interface Rendered {
  readonly role: Turn['role']
  readonly content: string
}

/**
 * A turn as text for a model. Whatever a user's turn holds stands in a frame with its sender's name, unless this agent has
 * written it.
 *
 * @param delimiter random, and new for each request
 */
export const renderTurn = ({ role, text, sender, kind, isFramed }: Turn, delimiter: string): string =>
  role === 'assistant' || isFramed
    ? text
    : frameUntrusted({ kind: kind ?? 'human', from: sender ?? 'unknown', text, delimiter })

/**
 * Turns as every vendor takes them: roles alternate. Neighbours of one role become one message, in which each part keeps
 * its own frame and its sender's name.
 */
export const renderTurns = (turns: readonly Turn[], delimiter: string): Rendered[] => {
  const rendered: Rendered[] = []
  for (const turn of turns) {
    const { role } = turn
    const last = rendered.at(-1)
    const content = renderTurn(turn, delimiter)
    if (last?.role === role) rendered.splice(-1, 1, { role, content: `${last.content}\n\n${content}` })
    else rendered.push({ role, content })
  }
  return rendered
}
