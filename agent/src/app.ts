import { join } from 'node:path'
import { type ConsoleMessenger, type ConsoleParts, createConsole } from './adapters/console/open-console.ts'
import { type HealthView, startHealthServer } from './adapters/health/health-server.ts'
import type { LinkEnd } from './adapters/hub/link-parts.ts'
import { logEvents } from './adapters/observe/log-events.ts'
import { createLogger } from './adapters/observe/logger.ts'
import { buildProvider } from './adapters/providers/build-provider.ts'
import { findRow, type ProviderSettings } from './adapters/providers/catalog.ts'
import { findLocalModels } from './adapters/providers/find-local-model.ts'
import { openStorage } from './adapters/sqlite/storage.ts'
import { systemClock } from './adapters/system/clock.ts'
import { readInstanceId } from './adapters/system/instance-id.ts'
import type { Config } from './config.ts'
import { TokenBudget } from './core/budget.ts'
import { type ChainView, mayAnswer, viewChain } from './core/chain-view.ts'
import { DirectAnswers } from './core/direct-answers.ts'
import type { Observe } from './core/events.ts'
import { createFailover } from './core/failover.ts'
import type { Clock, Performer, Provider, TokenLedger } from './core/ports.ts'
import { type Identity, writeSystemPrompt } from './core/prompt.ts'
import { Roster } from './core/roster.ts'
import type { Prices } from './core/usage.ts'
import { buildLinkedAgent } from './linked-agent.ts'
import { VERSION } from './version.ts'

/** The terminal or the pipe that the process was started with, for an agent whose channel it is. */
export type Streams = Pick<ConsoleParts, 'input' | 'output' | 'errors' | 'isTerminal' | 'isColored'>

/** An agent that runs as a process of its own. */
export interface RunningAgent {
  /**
   * Resolves when there is nothing left to do: the link has stopped for good, or the person at the terminal has left. A
   * chat goes on without its link.
   */
  readonly ended: Promise<LinkEnd | undefined>
  /** Lets the work finish, hands back the rest, says goodbye. */
  stop(): Promise<void>
}

/**
 * Starts an agent as its configuration says: log, instance id, providers, link and health server.
 *
 * @throws {StartError} when the data folder or the health port cannot be used, or another agent uses the folder
 */
export const startAgent = async (config: Config, streams: Streams): Promise<RunningAgent> => {
  const { identity, healthHost, healthPort, maxConcurrency, drainMs } = config
  const chat = config.platform === 'console' ? openChat(config, streams) : undefined
  const log = createLogger({
    level: config.logLevel,
    agent: identity.name,
    isTerminal: streams.output.isTTY === true,
    ...(chat ? { show: (line: string) => chat.messenger.showNotice(line) } : {}),
  })
  const observe = logEvents(log)
  const instanceId = readInstanceId(config.dataDir)
  const { journal, ledger } = openStorage(config.dataDir)
  const startedAt = systemClock.now()
  const { providers, warning } = await buildChain(config.chain, config.local)
  if (warning !== undefined) log.warn(warning)
  const mind = buildMind({ ...config, providers, observe, ledger })
  const app = buildLinkedAgent({
    identity,
    hubUrl: config.hubUrl,
    ...(config.hubSecret === undefined ? {} : { hubSecret: config.hubSecret }),
    instanceId,
    journal,
    maxConcurrency,
    workMsMax: config.totalTimeoutMs,
    drainMs,
    perform: mind.perform,
    observe,
  })
  let draining = false
  const view = (): HealthView => {
    const { isServing } = app.memory
    const chain = mind.view()
    return {
      status: draining ? 'draining' : isServing && mayAnswer(chain) ? 'ok' : 'degraded',
      agent: identity.name,
      ...(config.agentId === undefined ? {} : { agentId: config.agentId }),
      link: app.link.state,
      ready: !draining && app.link.state === 'online' && isServing,
      storage: isServing ? 'ok' : 'unavailable',
      tasks: app.agent.load,
      providers: providers.map(({ name, model }) => `${name}/${model}`),
      ...chain,
      uptime: Math.floor((systemClock.now() - startedAt) / 1_000),
      version: VERSION,
    }
  }
  const health = await startHealthServer(healthHost, healthPort, view)
  log.info({ hub: config.hubUrl.host, healthHost, healthPort: health.port, instanceId, version: VERSION }, 'starting')
  app.start()
  await chat?.start(mind.perform, (err) => log.error({ err }, 'an answer failed'))
  return {
    ended: chat ? chat.messenger.left.then(() => undefined) : app.link.ended,
    stop: async () => {
      draining = true
      await chat?.messenger.stop()
      await app.stop()
      await health.close()
    },
  }
}

interface ChatChannel {
  readonly messenger: ConsoleMessenger
  start(perform: Performer, complain: (error: Error) => void): Promise<void>
}

/** A chat with whoever started the process. What was typed is kept in the data folder. */
const openChat = ({ identity, dataDir, totalTimeoutMs }: Config, streams: Streams): ChatChannel => {
  let answers: DirectAnswers | undefined
  const messenger = createConsole({
    ...streams,
    agent: identity.name,
    inputsFile: join(dataDir, 'console-inputs'),
    clock: systemClock,
    cancel: () => answers?.cancel(),
  })
  const start = async (perform: Performer, complain: (error: Error) => void) => {
    answers = new DirectAnswers({ messenger, perform, clock: systemClock, workMsMax: totalTimeoutMs, complain })
    await messenger.start(answers)
  }
  return { messenger, start }
}

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
  const models = (await findLocalModels(local.baseUrl)) ?? []
  const model = models.find((each) => each === local.model || each.startsWith(`${local.model}:`)) ?? models[0]
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
}

/** Who answers the tasks, and how the chain behind it does. */
export interface Mind {
  readonly perform: Performer
  readonly view: () => ChainView
}

/** A mind that asks a chain of providers. */
export const buildMind = ({ clock = systemClock, prices = {}, ...parts }: MindParts): Mind => {
  const { identity, providers, observe, ledger, budgetTokensPerDay } = parts
  const roster = new Roster({ providers, clock, observe, random: Math.random })
  const budget = new TokenBudget({ ...(ledger ? { ledger } : {}), tokensMax: budgetTokensPerDay, observe })
  const system = writeSystemPrompt(identity)
  return {
    perform: createFailover({ providers, system, clock, observe, random: Math.random, roster, budget, prices }),
    view: () => viewChain(roster, budget, prices, clock.now()),
  }
}
