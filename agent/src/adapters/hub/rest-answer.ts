import { problem, toErrorRow } from '@ai-comms/shared'
import type { z } from 'zod'
import { HubCallError } from '../../core/hub-calls.ts'
import { findJsonValue } from '../../core/json-value.ts'

/** An answer of the hub, whole. */
export interface RestAnswer {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly text: string
}

/** Longest sentence of the hub that is passed on, in characters. */
const SENTENCE_CHARS_MAX = 1_000

const toRetryAfterMs = (header: string | undefined): number | undefined => {
  const seconds = header === undefined ? Number.NaN : Number(header)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined
}

const SCOPES_NEEDED = 'agent,tasks:read,tasks:write'

/** What the hub said, or what it means for this agent's owner where the credential is the trouble. */
const toSentence = (code: string, detail: string): string => {
  const sentence = detail.slice(0, SENTENCE_CHARS_MAX)
  if (code === 'unauthorized') {
    return `The hub does not take AGENT_HUB_SECRET; set it to the hub's HUB_SECRET or to a valid token. The hub says: ${sentence}`
  }
  if (code === 'forbidden') {
    return `AGENT_HUB_SECRET is a token that may not do this; get one with "pnpm hub token issue --name <this agent> --scope ${SCOPES_NEEDED}" where the hub runs. The hub says: ${sentence}`
  }
  return sentence
}

/** Whether a status says that the same call may succeed later. */
export const isPassingStatus = (status: number): boolean => status === 429 || status >= 500

/** A failed answer as an error: the problem document's own words, or what can be told from the status alone. */
export const toAnswerError = ({ status, retryAfter, text }: RestAnswer): HubCallError => {
  const parsed = problem.safeParse(findJsonValue(text))
  const retryAfterMs = toRetryAfterMs(retryAfter)
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs }
  if (parsed.success) {
    const { code, detail, suggestions } = parsed.data
    return new HubCallError(code, toSentence(code, detail), {
      ...wait,
      isPassing: toErrorRow(code).retryable,
      ...(suggestions === undefined ? {} : { suggestions }),
    })
  }
  // a proxy between here and the hub, or no hub at all
  const isPassing = isPassingStatus(status)
  return new HubCallError('bad_answer', `Whoever answers at the hub's URL said HTTP ${status} and no reason.`, {
    ...wait,
    isPassing,
  })
}

/** Reads a successful answer by its schema. @throws {HubCallError} the problem it tells, or `bad_answer` */
export const readAnswer = <Schema extends z.ZodType>(
  schema: Schema,
  answer: RestAnswer,
  isGood: (status: number) => boolean = (status) => status >= 200 && status < 300,
): z.output<Schema> => {
  if (!isGood(answer.status)) throw toAnswerError(answer)
  const parsed = schema.safeParse(findJsonValue(answer.text))
  if (parsed.success) return parsed.data
  if (answer.status >= 400) throw toAnswerError(answer)
  throw new HubCallError('bad_answer', 'The hub answered something that this agent does not understand.', {
    cause: parsed.error,
  })
}
