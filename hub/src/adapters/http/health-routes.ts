import type { FastifyInstance } from 'fastify'
import type { Hub } from '../../core/hub.ts'

/** What the health routes tell. */
export interface HealthParts {
  readonly hub: Hub
  readonly version: string
  /** Seconds since the start. */
  readonly uptimeS: () => number
  readonly readCounts: () => Readonly<Record<string, number>>
}

/** `GET /health` and `GET /ready`, open to everybody. */
export const addHealthRoutes = (server: FastifyInstance, { hub, version, uptimeS, readCounts }: HealthParts): void => {
  server.get('/health', (_request, reply) => {
    const { durable } = hub
    const status = hub.isDraining ? 'draining' : durable.storageStatus === 'ok' ? 'ok' : 'degraded'
    reply.code(status === 'ok' ? 200 : 503).send({
      status,
      agents: hub.sessionCount,
      uptime: Math.floor(uptimeS()),
      version,
      tasks: hub.tasks.count,
      durableTasks: durable.count,
      storage: { status: durable.storageStatus, ...durable.storeSize },
      counts: readCounts(),
    })
  })
  server.get('/ready', (_request, reply) => {
    reply.code(hub.isDraining ? 503 : 200).send({ ready: !hub.isDraining })
  })
}
