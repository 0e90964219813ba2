import type { FastifyReply, FastifyRequest } from 'fastify'

const ALLOWED_HEADERS = 'authorization, content-type, idempotency-key, last-event-id'
const EXPOSED_HEADERS = 'location, retry-after, idempotent-replay'
const PREFLIGHT_S = '600'

/** Whether a browser page of this origin may use the hub. `*` in the list allows every page. */
export const makeIsAllowedOrigin = (allowed: readonly string[]) => {
  const listed = new Set(allowed.map((origin) => toOrigin(origin) ?? origin))
  return {
    /** Listed by the operator: gets CORS headers. */
    isListed: (origin: string): boolean => listed.has('*') || listed.has(toOrigin(origin) ?? ''),
    /** Listed, or a page that this very host and port served. */
    isAllowed: (origin: string, host: string | undefined): boolean => {
      const own = toOrigin(origin)
      if (own === undefined) return false
      if (listed.has('*') || listed.has(own)) return true
      return host !== undefined && toOrigin(`${new URL(own).protocol}//${host}`) === own
    },
  }
}

const toOrigin = (text: string): string | undefined => {
  const url = URL.parse(text)
  return url === null || url.host === '' ? undefined : `${url.protocol}//${url.host}`
}

/** Adds the CORS headers for a listed origin; for any other page nothing, and the browser keeps the answer from it. */
export const addCorsHeaders = (
  request: FastifyRequest,
  reply: FastifyReply,
  isListed: (origin: string) => boolean,
): void => {
  const { origin } = request.headers
  if (origin === undefined) return
  // Also on an answer without the other headers: a cache must not hand it to a page of a listed origin
  reply.header('vary', 'Origin')
  if (!isListed(origin)) return
  reply.header('access-control-allow-origin', origin)
  reply.header('access-control-expose-headers', EXPOSED_HEADERS)
}

/** Answers a preflight. @see https://fetch.spec.whatwg.org/#http-cors-protocol */
export const answerOptions = (reply: FastifyReply, methods: string): void => {
  if (reply.hasHeader('access-control-allow-origin')) {
    reply.header('access-control-allow-methods', methods)
    reply.header('access-control-allow-headers', ALLOWED_HEADERS)
    reply.header('access-control-max-age', PREFLIGHT_S)
  }
  reply.header('allow', methods).code(204).send()
}
