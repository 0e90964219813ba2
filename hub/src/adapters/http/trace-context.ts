import type { FastifyRequest } from 'fastify'

/** Shape of a W3C trace context; anything else is not passed on. @see https://www.w3.org/TR/trace-context/ */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/

/** The caller's trace context, if it sent one. */
export const readTraceparent = (request: FastifyRequest): string | undefined => {
  const header = request.headers['traceparent']
  return typeof header === 'string' && TRACEPARENT.test(header) ? header : undefined
}
