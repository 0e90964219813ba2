import { buildProvider } from './adapters/providers/build-provider.ts'
import { findRow, type ProviderSettings } from './adapters/providers/catalog.ts'
import { findLocalModel } from './adapters/providers/find-local-model.ts'
import { systemClock } from './adapters/system/clock.ts'
import { TokenBudget } from './core/budget.ts'
import { type ChainView, mayAnswer, viewChain } from './core/chain-view.ts'
import type { Observe } from './core/events.ts'
import { createChain } from './core/failover.ts'
import { checkAnswers } from './core/guard/guarded-chain.ts'
import type { AskChain, Clock, Provider, TokenLedger } from './core/ports.ts'
import { type Identity, writeSystemPrompt } from './core/prompt.ts'
import { Roster } from './core/roster.ts'
import type { Prices } from './core/usage.ts'

/** Whom an agent asks, and what its owner should know about it. */
export interface Chain {
  readonly providers: readonly Provider[]
  readonly warning?: string
}

/**
 * The providers of a chain. Without one, a model server on this machine is looked for; without that too, the agent
 * echoes, and says so.
 */
export const buildChain = async (
  chain: readonly ProviderSettings[] | undefined,
  local: ProviderSettings,
  clock: Clock = systemClock,
): Promise<Chain> => {
  if (chain) return { providers: await Promise.all(chain.map((settings) => buildProvider(settings, clock))) }
  const model = await findLocalModel(local)
  if (model !== undefined) return { providers: [await buildProvider({ ...local, model }, clock)] }
  const echo = findRow('echo')
  return {
    providers: [await buildProvider({ row: echo, model: echo.model, baseUrl: echo.baseUrl }, clock)],
    warning:
      'no AI provider is configured and no Ollama answers on this machine: this agent only echoes; set OPENAI_API_KEY, ANTHROPIC_API_KEY or AI_PROVIDER',
  }
}

/** What a mind is made of. */
export interface MindParts {
  readonly identity: Identity
  readonly providers: readonly Provider[]
  readonly observe: Observe
  readonly clock?: Clock
  /** Where it is written down what the providers cost; in memory unless set. */
  readonly ledger?: TokenLedger
  readonly budgetTokensPerDay?: number
  readonly prices?: Prices
  /** A word that stands in the system prompt and in no answer. */
  readonly canary: string
  /** What no answer may hold in any form. */
  readonly secrets?: readonly string[]
}

/** Who answers, and how the chain behind it does. */
export interface Mind {
  /** Asks the chain; every answer, and every piece of one, is looked at before anybody reads it. */
  readonly ask: AskChain
  /** What the model is told of itself. */
  readonly system: string
  readonly view: () => ChainView
  /** Whether a model can be asked at the moment that understands instructions: an echo and a program do not. */
  readonly hasModel: () => boolean
}

/** Providers that take a message and nothing else. */
const WITHOUT_INSTRUCTIONS: ReadonlySet<string> = new Set(['echo', 'command'])

/** A mind that asks a chain of providers. */
export const buildMind = ({ clock = systemClock, prices = {}, canary, secrets = [], ...parts }: MindParts): Mind => {
  const { identity, providers, observe, ledger, budgetTokensPerDay } = parts
  const roster = new Roster({ providers, clock, observe, random: Math.random })
  const budget = new TokenBudget({ ...(ledger ? { ledger } : {}), tokensMax: budgetTokensPerDay, observe })
  const system = writeSystemPrompt({ ...identity, canary })
  const chain = createChain({ providers, system, clock, observe, random: Math.random, roster, budget, prices })
  const ask = checkAnswers(chain, {
    canary,
    secrets,
    system,
    // what everybody may read of it in any list of agents
    known: [identity.description ?? '', identity.workspace, ...identity.skills],
    onFound: (rule, action, { requestId: taskId }) => observe({ type: 'answer.stopped', taskId, rule, action }),
  })
  const view = () => viewChain(roster, budget, prices, clock.now())
  const isThere = providers.some(({ name }) => !WITHOUT_INSTRUCTIONS.has(name))
  return { ask, system, view, hasModel: () => isThere && mayAnswer(view()) }
}
