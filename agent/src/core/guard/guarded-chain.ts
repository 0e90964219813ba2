import type { AskChain, TaskInput, ToolCall } from '../ports.ts'
import { CheckedStream, checkWhole, type Forbidden } from './checked-stream.ts'

/** What looking at answers takes. */
export interface AnswerGuardParts extends Forbidden {
  readonly onFound: (ruleId: string, action: 'redact' | 'block', task: TaskInput) => void
}

/** All that a call says, as one text. */
const toText = ({ tool, input }: ToolCall): string => `${tool} ${JSON.stringify(input) ?? ''}`

/**
 * Looks at everything that comes out of a chain before anybody reads it: pieces, answers, and what a tool is asked for. A
 * call that holds what must stay here is no call.
 */
export const checkAnswers =
  (ask: AskChain, { onFound, ...forbidden }: AnswerGuardParts): AskChain =>
  async (task, tools) => {
    const stream = new CheckedStream(forbidden, (text) => tools.delta(text))
    const answer = await ask(task, { ...tools, delta: (text) => stream.write(text) })
    const isCall = answer.call !== undefined
    const { action, text, ruleId = 'output' } = checkWhole(answer.call ? toText(answer.call) : answer.text, forbidden)
    if (action === 'pass' || (isCall && action === 'redact')) {
      stream.end()
      return answer
    }
    stream.stop()
    onFound(ruleId, action, task)
    return { text }
  }
