import { type Problem, type ProtocolError, toErrorRow } from '@ai-comms/shared'
import type { FastifyReply } from 'fastify'

/** The media type of every failure. @see https://www.rfc-editor.org/rfc/rfc9457 */
export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'

/** Members that a route adds to its failures. */
export interface ProblemExtras {
  readonly success?: false
  readonly agent?: string
  readonly results?: readonly unknown[]
}

/** The problem document of a refusal. */
export const toProblem = (refusal: ProtocolError, extras: ProblemExtras = {}): Problem => {
  const { title, status } = toErrorRow(refusal.code)
  const { suggestions, skill } = refusal.extras
  return {
    ...extras,
    type: `urn:ai-comms:problem:${refusal.code}`,
    title,
    status,
    detail: refusal.detail,
    code: refusal.code,
    error: refusal.detail,
    ...(suggestions === undefined ? {} : { suggestions: [...suggestions] }),
    ...(skill === undefined ? {} : { skill }),
  }
}

/** Seconds of a `Retry-After`, at least one. */
export const toRetryAfterS = (waitMs: number): number => Math.max(1, Math.ceil(waitMs / 1_000))

/** Answers with a problem document and the headers that go with its code. */
export const sendProblem = (reply: FastifyReply, refusal: ProtocolError, extras?: ProblemExtras): void => {
  const problem = toProblem(refusal, extras)
  if (refusal.extras.retryAfterMs !== undefined) reply.header('retry-after', toRetryAfterS(refusal.extras.retryAfterMs))
  if (refusal.code === 'unauthorized') reply.header('www-authenticate', 'Bearer')
  reply.code(problem.status).header('content-type', PROBLEM_TYPE).send(JSON.stringify(problem))
}
