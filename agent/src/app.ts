import { randomBytes } from 'node:crypto'
import { AuditTrail } from './adapters/audit/audit-trail.ts'
import { openReferences } from './adapters/audit/sender-reference.ts'
import { type HealthView, startHealthServer } from './adapters/health/health-server.ts'
import { HubRest } from './adapters/hub/hub-rest.ts'
import type { LinkEnd } from './adapters/hub/link-parts.ts'
import { logEvents } from './adapters/observe/log-events.ts'
import { createLogger } from './adapters/observe/logger.ts'
import { openStorage } from './adapters/sqlite/storage.ts'
import { systemClock } from './adapters/system/clock.ts'
import { readInstanceId } from './adapters/system/instance-id.ts'
import { type Channel, openChannel, openChat, type Streams } from './channel.ts'
import type { Config } from './config.ts'
import { pause } from './core/alarms.ts'
import { Audit } from './core/audit.ts'
import { auditEvents } from './core/audit-events.ts'
import { mayAnswer } from './core/chain-view.ts'
import { guardTasks } from './core/guard/guarded-tasks.ts'
import { NO_HUB } from './core/no-hub.ts'
import { RefusalCounts } from './core/refusal-counts.ts'
import { SILENT_MESSENGER } from './core/silent-messenger.ts'
import { buildSocialAgent } from './linked-agent.ts'
import { buildChain, buildMind } from './mind.ts'
import { People } from './people.ts'
import { VERSION } from './version.ts'

/** An agent that runs as a process of its own. */
export interface RunningAgent {
  /**
   * Resolves when there is nothing left to do: the link has stopped for good, or the person at the terminal has left.
   * Whom people write to goes on without its link.
   */
  readonly ended: Promise<LinkEnd | undefined>
  /** Lets the work finish, hands back the rest, says goodbye. */
  stop(): Promise<void>
}

/** An agent that people write to goes on without its link. */
const findEnd = ({ left, messenger }: Channel, linkEnded: Promise<LinkEnd>): Promise<LinkEnd | undefined> => {
  if (left) return left.then(() => undefined)
  return messenger === SILENT_MESSENGER ? linkEnded : new Promise(() => {})
}

const viewChannel = ({ messenger: { name, state }, advice }: Channel) => {
  const sentence = advice()
  return { name, state, ...(sentence === undefined ? {} : { advice: sentence }) }
}

/** Longest wait for the first attempt to reach the hub before people are answered, in milliseconds. */
const FIRST_TRY_MS_MAX = 3_000
/** Bytes of the word that stands in the system prompt and in no answer. */
const CANARY_BYTES = 12

/**
 * Starts an agent as its configuration says: log, storage, audit trail, providers, people, link and health server.
 *
 * @throws {StartError} when the data folder or the health port cannot be used, or another agent uses the folder
 */
export const startAgent = async (config: Config, streams: Streams): Promise<RunningAgent> => {
  const { identity, hubUrl, hubSecret, healthHost, healthPort, maxConcurrency, drainMs, dataDir, secrets } = config
  const chat = config.channel.kind === 'console' ? openChat(config, streams, () => people.cancel()) : undefined
  const log = createLogger({
    level: config.logLevel,
    agent: identity.name,
    isTerminal: streams.output.isTTY === true,
    ...(chat ? { show: (line: string) => chat.showNotice(line) } : {}),
  })
  const instanceId = readInstanceId(dataDir)
  const storage = openStorage(dataDir)
  const trail = new AuditTrail({ dataDir, clock: systemClock, observe: logEvents(log) })
  const audit = new Audit({ log: trail, clock: systemClock, toReference: openReferences(dataDir) })
  const counts = new RefusalCounts()
  const observe = counts.before(auditEvents(audit, logEvents(log)))
  const startedAt = systemClock.now()
  const { providers, warning } = await buildChain(config.chain, config.local)
  if (warning !== undefined) log.warn(warning)
  const canary = randomBytes(CANARY_BYTES).toString('hex')
  const mind = buildMind({ ...config, providers, observe, ledger: storage.ledger, canary, secrets })
  const channel = await openChannel(config, chat, streams, observe)
  const { messenger } = channel
  const hub = hubUrl ? new HubRest({ hubUrl, hubSecret, clock: systemClock, random: Math.random }) : NO_HUB
  const people = new People({ config, instanceId, messenger, storage, mind, hub, audit, observe, counts })
  const app = buildSocialAgent({
    ...{ identity, hubUrl, instanceId, maxConcurrency, drainMs, observe },
    ...(hubSecret === undefined ? {} : { hubSecret }),
    journal: storage.journal,
    workMsMax: config.totalTimeoutMs,
    perform: guardTasks(async (task, tools) => (await mind.ask(task, tools)).text, {
      guard: people.guard,
      now: () => systemClock.now(),
      onBlocked: (rule, { requestId: taskId }) => observe({ type: 'task.blocked', taskId, rule }),
    }),
    peers: people.peerOptions,
    drainOthers: (withinMs) => people.stop(withinMs),
  })
  let draining = false
  const view = (): HealthView => {
    const { isServing } = app.memory
    const chain = mind.view()
    return {
      status: draining ? 'draining' : isServing && mayAnswer(chain) ? 'ok' : 'degraded',
      agent: identity.name,
      ...(config.agentId === undefined ? {} : { agentId: config.agentId }),
      link: hubUrl ? app.link.state : 'none',
      ready: !draining && (!hubUrl || app.link.state === 'online') && isServing && channel.isOpen(),
      ...(config.channel.kind === 'none' ? {} : { channel: viewChannel(channel) }),
      storage: isServing ? 'ok' : 'unavailable',
      tasks: app.agent.load,
      providers: providers.map(({ name, model }) => `${name}/${model}`),
      ...chain,
      uptime: Math.floor((systemClock.now() - startedAt) / 1_000),
      version: VERSION,
    }
  }
  const health = await startHealthServer(healthHost, healthPort, view)
  log.info(
    { hub: hubUrl?.host ?? 'none', healthHost, healthPort: health.port, instanceId, version: VERSION },
    'starting',
  )
  app.start()
  // whoever writes at once finds its agent at the hub
  const over = new AbortController()
  await Promise.race([app.link.tried, pause(systemClock, FIRST_TRY_MS_MAX, over.signal)])
  over.abort()
  await people.start(app.peers, view)
  // whoever leaves waits for no answer
  void chat?.left.then(() => people.cancel())
  return {
    ended: findEnd(channel, app.link.ended),
    stop: async () => {
      draining = true
      await app.stop()
      audit.flush()
      await trail.close()
      await health.close()
    },
  }
}
