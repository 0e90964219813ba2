import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import packageJson from '../package.json' with { type: 'json' }
import { openCredentials } from './adapters/credentials/credentials.ts'
import { refuseElsewhere } from './adapters/http/authenticate.ts'
import { trackConnections } from './adapters/http/connections.ts'
import { makeIsAllowedOrigin } from './adapters/http/cors.ts'
import { isRestUrl, makeServer, refuseUnknown } from './adapters/http/server.ts'
import { readTlsFiles, TlsFileError } from './adapters/http/tls.ts'
import { MemoryTaskStore } from './adapters/memory/task-store.ts'
import { countEvents } from './adapters/observe/count-events.ts'
import { logEvents } from './adapters/observe/log-events.ts'
import { SqliteTaskStore } from './adapters/sqlite/task-store.ts'
import { toAddressKey } from './adapters/system/address.ts'
import { systemClock } from './adapters/system/clock.ts'
import { every } from './adapters/system/every.ts'
import { PresenceBatch } from './adapters/ws/presence-batch.ts'
import { TurnBatch } from './adapters/ws/turn-batch.ts'
import { acceptAgents } from './adapters/ws/upgrade.ts'
import type { Config } from './config.ts'
import { StorageError, type TaskStore } from './core/durable/task-store.ts'
import type { HubEvent } from './core/events.ts'
import { Hub } from './core/hub.ts'
import { Login } from './core/login.ts'
import type { Clock } from './core/ports.ts'
import { StartError } from './start-error.ts'

/** How often deadlines and graces are looked at, in milliseconds. */
const SWEEP_MS = 100
/** How often slow readers and old failures are looked for, in milliseconds. */
const UPKEEP_MS = 1_000
/** How long open answers may take to leave after the drain, in milliseconds. */
const FLUSH_MS = 1_000

/** The data folder of a hub that keeps nothing. */
const MEMORY = ':memory:'

/** What a test may replace. */
export interface HubOverrides {
  readonly clock?: Clock
  readonly store?: TaskStore
  /** Also hears every event. */
  readonly observe?: (event: HubEvent) => void
}

/** A hub that is built and may listen. */
export interface RunningHub {
  readonly hub: Hub
  /** Starts to listen. @returns the base URL, with the port that was taken */
  listen(): Promise<string>
  /** Takes nothing new, lets running tasks finish within the drain time, says goodbye and closes. Safe to call twice. */
  drain(): Promise<void>
}

const openStore = (folder: string): TaskStore =>
  folder === MEMORY ? new MemoryTaskStore() : new SqliteTaskStore({ folder })

const startDesk = async (hub: Hub, store: TaskStore): Promise<void> => {
  try {
    await hub.durable.start()
  } catch (error) {
    await store.close()
    throw error instanceof StorageError ? new StartError(error.message, { cause: error }) : error
  }
}

const readTls = (paths: Config['tlsPaths']) => {
  try {
    return paths && readTlsFiles(paths)
  } catch (error) {
    throw error instanceof TlsFileError ? new StartError(error.message, { cause: error }) : error
  }
}

/** Puts the hub together: the only place that knows every room. */
export const buildHub = async (config: Config, logger: Logger, overrides: HubOverrides = {}): Promise<RunningHub> => {
  const clock = overrides.clock ?? systemClock
  const now = () => clock.now()
  const startedAt = now()
  const counts = countEvents()
  const log = logEvents(logger, now)
  const observe = (event: HubEvent) => {
    counts.observe(event)
    log(event)
    overrides.observe?.(event)
  }
  const presence = new PresenceBatch(now)
  const store = overrides.store ?? openStore(config.dataDir)
  const hub = new Hub({ clock, presence, store, observe, newId: randomUUID, settings: config })
  const credentials = openCredentials({ secrets: config.secrets, folder: config.dataDir, clock, observe })
  const login = new Login({ credentials, clock, observe })
  const origins = makeIsAllowedOrigin(config.allowedOrigins)

  const server = makeServer({
    hub,
    login,
    observe,
    toAddressKey,
    isAllowedOrigin: origins.isAllowed,
    isListedOrigin: origins.isListed,
    isSecretRequired: credentials.isRequired,
    bodyBytesMax: config.maxPayloadBytes,
    agentsMax: config.maxAgents,
    trustedProxies: config.trustedProxies,
    tls: readTls(config.tlsPaths),
    version: packageJson.version,
    uptimeS: () => (now() - startedAt) / 1_000,
    readCounts: counts.read,
  })
  const cutConnections = trackConnections(server.server)
  const sockets = await acceptAgents(server, {
    hub,
    login,
    observe,
    now,
    toAddressKey,
    isAllowedOrigin: origins.isAllowed,
    isRestUrl,
    refuseElsewhere: (request) => {
      if (!credentials.isRequired) refuseElsewhere(request, origins.isAllowed)
    },
    answerPlainGet: refuseUnknown,
    batch: new TurnBatch(),
    bufferedBytesMax: config.maxBufferedBytes,
    payloadBytesMax: config.maxPayloadBytes,
    socketsPerAddressMax: config.maxPerAddress,
  })
  await startDesk(hub, store)

  const stops = [
    every(SWEEP_MS, () => hub.sweep()),
    every(UPKEEP_MS, () => {
      sockets.cutStalled()
      login.sweep()
      credentials.look()
      hub.endSessions((grant) => login.findEnd(grant))
    }),
  ]

  const close = async () => {
    hub.finishDrain()
    const flushed = setTimeout(cutConnections, FLUSH_MS)
    await server.close()
    clearTimeout(flushed)
    presence.stop()
    for (const stop of stops) stop()
    credentials.close()
    await store.close()
  }
  const waitUntilIdle = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, config.drainMs)
      hub.startDrain(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  let drained: Promise<void> | undefined

  return {
    hub,
    listen: async () => {
      await server.listen({ host: config.host, port: config.port })
      const { port } = server.server.address() as AddressInfo
      const host = config.host.includes(':') ? `[${config.host}]` : config.host
      return `${config.tlsPaths === undefined ? 'http' : 'https'}://${host}:${port}`
    },
    drain: () => {
      drained ??= waitUntilIdle().then(close)
      return drained
    },
  }
}
