import { startHealthServer } from './adapters/health/health-server.ts'
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
import type { Observe } from './core/events.ts'
import { createFailover } from './core/failover.ts'
import type { Clock, Performer, Provider } from './core/ports.ts'
import { type Identity, writeSystemPrompt } from './core/prompt.ts'
import { buildLinkedAgent } from './linked-agent.ts'
import { VERSION } from './version.ts'

/** An agent that runs as a process of its own. */
export interface RunningAgent {
  /** Resolves when the link has stopped for good. */
  readonly ended: Promise<LinkEnd>
  /** Lets the work finish, hands back the rest, says goodbye. */
  stop(): Promise<void>
}

/**
 * Starts an agent as its configuration says: log, instance id, providers, link and health server.
 *
 * @throws {StartError} when the data folder or the health port cannot be used, or another agent uses the folder
 */
export const startAgent = async (config: Config, isTerminal: boolean): Promise<RunningAgent> => {
  const { identity, healthHost, healthPort, maxConcurrency, drainMs } = config
  const log = createLogger({ level: config.logLevel, agent: identity.name, isTerminal })
  const observe = logEvents(log)
  const instanceId = readInstanceId(config.dataDir)
  const { journal } = openStorage(config.dataDir)
  const startedAt = systemClock.now()
  const { providers, warning } = await buildChain(config.chain, config.local)
  if (warning !== undefined) log.warn(warning)
  const app = buildLinkedAgent({
    identity,
    hubUrl: config.hubUrl,
    ...(config.hubSecret === undefined ? {} : { hubSecret: config.hubSecret }),
    instanceId,
    journal,
    maxConcurrency,
    workMsMax: config.totalTimeoutMs,
    drainMs,
    perform: buildPerformer(identity, providers, observe),
    observe,
  })
  let draining = false
  const health = await startHealthServer(healthHost, healthPort, () => ({
    status: draining ? 'draining' : app.memory.isServing ? 'ok' : 'degraded',
    agent: identity.name,
    ...(config.agentId === undefined ? {} : { agentId: config.agentId }),
    link: app.link.state,
    ready: !draining && app.link.state === 'online' && app.memory.isServing,
    storage: app.memory.isServing ? 'ok' : 'unavailable',
    tasks: app.agent.load,
    providers: providers.map(({ name, model }) => `${name}/${model}`),
    uptime: Math.floor((systemClock.now() - startedAt) / 1_000),
    version: VERSION,
  }))
  log.info({ hub: config.hubUrl.host, healthHost, healthPort: health.port, instanceId, version: VERSION }, 'starting')
  app.start()
  return {
    ended: app.link.ended,
    stop: async () => {
      draining = true
      await app.stop()
      await health.close()
    },
  }
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

/** A performer that asks a chain of providers. */
export const buildPerformer = (
  identity: Identity,
  providers: readonly Provider[],
  observe: Observe,
  clock: Clock = systemClock,
): Performer => createFailover({ providers, system: writeSystemPrompt(identity), clock, observe })
