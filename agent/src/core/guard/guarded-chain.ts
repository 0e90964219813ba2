import type { AskChain, ChainAnswer, TaskInput, ToolCall } from '../ports.ts'
import { readCall } from './call-text.ts'
import { openLinkAt } from './carrying-links.ts'
import { createOutputCheck, type OutputVerdict, WITHHELD_SENTENCE } from './check-output.ts'
import { HeldStream } from './held-stream.ts'
import { openKeyAt } from './key-shapes.ts'
import { PromptCopies } from './prompt-copies.ts'
import { SecretWatch } from './secret-watch.ts'

/** What the answers of a chain are checked against. */
export interface AnswerChecks {
  /** The random word of the system prompt that no answer may hold. */
  readonly canary: string
  /** The exact secrets of this process. */
  readonly secrets: readonly string[]
  /** The usual instructions of the model, of which no answer may hold much, word for word. */
  readonly system?: string
  /** What anybody may read of them: what the agent tells its peers of itself. */
  readonly known?: readonly string[]
  /** Called once per answer and rule, with what became of the answer. */
  readonly onFound: (ruleId: string, action: 'redact' | 'block', task: TaskInput) => void
}

const COPIED: OutputVerdict = { action: 'block', text: WITHHELD_SENTENCE, ruleId: 'output.system' }
const TOO_MUCH: OutputVerdict = { action: 'block', text: WITHHELD_SENTENCE, ruleId: 'output.call' }

/** Everything that is known of what must not go out, ready for any number of answers. */
class AnswerGuard {
  readonly #watch: SecretWatch
  readonly #copies: PromptCopies
  readonly #check: (text: string) => OutputVerdict

  constructor({ canary, secrets, system = '', known = [] }: AnswerChecks) {
    this.#watch = new SecretWatch({ canary, secrets })
    this.#copies = new PromptCopies(system, known)
    this.#check = createOutputCheck(this.#watch)
  }

  checkAnswer({ text, call }: ChainAnswer): OutputVerdict {
    return call === undefined ? this.#checkText(text) : this.#checkCall(call)
  }

  /** What is shown of an answer that still grows. */
  hold(show: (text: string) => void, found: (verdict: OutputVerdict) => void): HeldStream {
    const copied = this.#copies.read()
    const openAt = (text: string) => Math.min(openKeyAt(text), openLinkAt(text), this.#watch.openAt(text))
    return new HeldStream({
      check: this.#check,
      openAt,
      show: (text) => {
        if (copied.add(text)) return COPIED
        show(text)
        return undefined
      },
      found,
    })
  }

  #checkText(text: string): OutputVerdict {
    const verdict = this.#check(text)
    return verdict.action !== 'block' && this.#copies.areIn(text) ? COPIED : verdict
  }

  /** A call is done or not done: nothing is taken out of it. Links and keys may be what a person asked to send. */
  #checkCall(call: ToolCall): OutputVerdict {
    const text = readCall(call)
    if (text === undefined) return TOO_MUCH
    const ruleId = this.#watch.find(text)
    if (ruleId !== undefined) return { action: 'block', text: WITHHELD_SENTENCE, ruleId }
    return this.#copies.areIn(text) ? COPIED : { action: 'pass', text: '' }
  }
}

/**
 * A chain whose answers are looked at before anybody reads them, piece by piece and as a whole: what must stay here is in
 * none of them, and in no call of a tool.
 */
export const checkAnswers = (ask: AskChain, parts: AnswerChecks): AskChain => {
  const guard = new AnswerGuard(parts)
  return async (task, tools) => {
    const told = new Set<string>()
    const tell = ({ ruleId = 'output', action }: OutputVerdict) => {
      if (action === 'pass' || told.has(ruleId)) return
      told.add(ruleId)
      parts.onFound(ruleId, action, task)
    }
    const stream = guard.hold((text) => tools.delta(text), tell)
    const answer = await ask(task, {
      signal: tools.signal,
      delta: (text) => stream.write(text),
      progress: (note) => tools.progress(note),
    })
    const verdict = guard.checkAnswer(answer)
    tell(verdict)
    if (verdict.action !== 'pass') return { text: verdict.text }
    if (answer.call === undefined) stream.finish()
    return answer
  }
}
