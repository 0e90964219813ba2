import type { TokenBudgetParts } from '../core/budget.ts'
import { TokenBudget } from '../core/budget.ts'
import { viewChain } from '../core/chain-view.ts'
import type { AgentEvent, ProviderErrorKind } from '../core/events.ts'
import { createChain, createFailover, type FailoverParts } from '../core/failover.ts'
import { ProviderError } from '../core/failures.ts'
import type { Completion, CompletionOptions, Prompt, Provider, TaskInput, ToolCall } from '../core/ports.ts'
import { Roster } from '../core/roster.ts'
import { FakeClock, settle } from './fake-clock.ts'

/**
 * What a scripted provider does with one question: fails with a kind, says something (`say …`), never answers (`hang`), or
 * whatever the function does. The last step is repeated for ever.
 */
export type ChainScript =
  | ProviderErrorKind
  | ProviderError
  | 'hang'
  | `say ${string}`
  | ((options: CompletionOptions, prompt: Prompt) => Promise<Completion>)

const act = async (step: ChainScript, options: CompletionOptions, prompt: Prompt): Promise<Completion> => {
  if (typeof step === 'function') return step(options, prompt)
  if (step instanceof ProviderError) throw step
  if (step === 'hang') return new Promise(() => {})
  if (step.startsWith('say ')) return { text: step.slice(4), cutShort: false }
  throw new ProviderError(step as ProviderErrorKind)
}

/** Shows some of an answer, then fails. */
export const breakOff =
  (piece: string, kind: ProviderErrorKind = 'network'): ChainScript =>
  async ({ onText }) => {
    onText(piece)
    throw new ProviderError(kind)
  }

/** Shows an answer piece by piece. */
export const stream =
  (...pieces: readonly string[]): ChainScript =>
  async ({ onText }) => {
    for (const piece of pieces) onText(piece)
    return { text: pieces.join(''), cutShort: false }
  }

/** Asks for a tool, after some words. */
export const call =
  (wanted: ToolCall, ...pieces: readonly string[]): ChainScript =>
  async ({ onText }) => {
    for (const piece of [...pieces, '']) onText(piece)
    return { text: pieces.join(''), call: wanted, cutShort: false }
  }

/** Providers that do what their scripts say; `asked` gets each question. */
export const scriptProviders = (
  scripts: Readonly<Record<string, readonly ChainScript[]>>,
  asked: (name: string, prompt: Prompt) => void = () => {},
): Provider[] =>
  Object.entries(scripts).map(([name, script]) => {
    let turn = 0
    return {
      name,
      model: `${name}-1`,
      complete: (prompt, options) => {
        asked(name, prompt)
        const step = script[Math.min(turn++, script.length - 1)] ?? 'overload'
        return act(step, options, prompt)
      },
    }
  })

/** A chain of scripted providers whose clock the test has in its hands. */
export const setUpChain = (
  scripts: Readonly<Record<string, readonly ChainScript[]>>,
  more: Partial<FailoverParts> & Pick<TokenBudgetParts, 'ledger' | 'tokensMax'> = {},
) => {
  const clock = new FakeClock()
  const asked: string[] = []
  const prompts: Prompt[] = []
  const events: AgentEvent[] = []
  const seen: string[] = []
  const notes: (string | undefined)[] = []
  const abort = new AbortController()
  const { ledger, tokensMax, ...parts } = more
  const providers = scriptProviders(scripts, (name, prompt) => {
    asked.push(name)
    prompts.push(prompt)
  })
  const observe = (event: AgentEvent) => events.push(event)
  const random = parts.random ?? (() => 0.5)
  const roster = new Roster({ providers: parts.providers ?? providers, clock, observe, random })
  const budget = new TokenBudget({ ...(ledger ? { ledger } : {}), tokensMax, observe })
  const chain = { providers, system: 'You are Atlas.', clock, observe, random, roster, budget, ...parts }
  const perform = createFailover(chain)
  const askChain = createChain(chain)
  const tools = {
    signal: abort.signal,
    delta: (text: string) => seen.push(text),
    progress: ({ message }: { message?: string }) => notes.push(message),
  }
  const toTask = ({ forMs = 100_000, ...input }: Partial<TaskInput> & { forMs?: number } = {}): TaskInput => {
    const deadlineAt = clock.now() + forMs
    return { requestId: 't1', message: 'hi', sender: 'bot', deadlineAt, attempt: 1, ...input }
  }
  const ask = (task: Parameters<typeof toTask>[0] = {}) => perform(toTask(task), tools)
  /** Asks for an answer that may be a call. */
  const askForCall = (task: Parameters<typeof toTask>[0] = {}) => askChain(toTask(task), tools)
  /** Asks, and lets time pass in small steps until there is an answer or a reason; tells how long it took, too. */
  const askInTime = async (task: Parameters<typeof ask>[0] = {}, stepMs = 50) => {
    const startedAt = clock.now()
    const work = ask(task).catch((error: unknown) => error)
    let outcome: { value: unknown } | undefined
    void work.then((value) => {
      outcome = { value }
    })
    await settle()
    while (!outcome) {
      clock.pass(stepMs)
      await settle()
      if (clock.now() - startedAt > 1_000_000) throw new Error('There was neither an answer nor a reason')
    }
    return { outcome: outcome.value, tookMs: clock.now() - startedAt }
  }
  const view = () => viewChain(roster, budget, parts.prices ?? {}, clock.now())
  return {
    abort,
    ask,
    asked,
    askForCall,
    askInTime,
    budget,
    clock,
    events,
    notes,
    perform,
    prompts,
    roster,
    seen,
    view,
  }
}
