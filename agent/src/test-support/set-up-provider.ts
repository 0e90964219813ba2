import { buildProvider } from '../adapters/providers/build-provider.ts'
import { findRow, type ProviderName, type ProviderSettings } from '../adapters/providers/catalog.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { ProviderError } from '../core/failures.ts'
import type { Completion, CompletionOptions, Prompt, Tool } from '../core/ports.ts'

/** What the tests ask. */
export const PROMPT: Prompt = { system: 'You are Atlas.', turns: [{ role: 'user', text: 'hi', sender: 'bot' }] }

/** How the user's turn of {@link PROMPT} reaches a vendor. */
export const FRAMED = /^<untrusted (?<word>[0-9a-f]{32}) kind="human" from="bot">\nhi\n<\/untrusted \k<word>>\n\(.+\)$/

/** Tools that the tests offer. */
export const TOOLS: readonly Tool[] = ['askAgent', 'listAgents'].map((name) => ({
  name,
  description: `Does ${name}.`,
  parameters: { type: 'object', properties: { to: { type: 'string' } }, required: [] },
}))

/** Bounds that no test waits for, unless it sets one of them. */
export const PATIENT = { connectMs: 5_000, firstTokenMs: 5_000, idleMs: 5_000 } as const

/** A real provider on the system's clock, and what comes of asking it. */
export const setUpProvider = async (name: ProviderName, baseUrl: string, more: Partial<ProviderSettings> = {}) => {
  const settings = { row: findRow(name), model: 'a-model', baseUrl, patience: PATIENT, ...more }
  const provider = await buildProvider(settings, systemClock)
  const pieces: string[] = []
  const abort = new AbortController()
  const ask = (options: Partial<CompletionOptions> = {}, prompt = PROMPT): Promise<Completion> =>
    provider.complete(prompt, {
      signal: abort.signal,
      deadlineAt: systemClock.now() + 10_000,
      onText: (text) => pieces.push(text),
      ...options,
    })
  /** The failure, and how long it took. */
  const fail = async (options: Partial<CompletionOptions> = {}, prompt = PROMPT) => {
    const startedAt = systemClock.now()
    const outcome: unknown = await ask(options, prompt).catch((error: unknown) => error)
    if (!(outcome instanceof ProviderError)) throw new Error(`no failure: ${JSON.stringify(outcome)}`)
    return { error: outcome, tookMs: systemClock.now() - startedAt }
  }
  /** Asks with tools. */
  const askWithTools = () => ask({}, { ...PROMPT, tools: TOOLS })
  const failWithTools = () => fail({}, { ...PROMPT, tools: TOOLS })
  return { provider, pieces, abort, ask, askWithTools, fail, failWithTools }
}
