import type { FastifyInstance } from 'fastify'
import type { Hub } from '../../core/hub.ts'

/** `GET /agents`: who is here, in order of registration. */
export const addAgentRoutes = (server: FastifyInstance, hub: Hub): void => {
  server.get('/agents', (_request, reply) => {
    reply.send({ agents: hub.listAgents() })
  })
}
