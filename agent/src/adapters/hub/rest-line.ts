import type { IncomingMessage } from 'node:http'
import { healthAnswer } from '@ai-comms/shared'
import { HubCallError } from '../../core/hub-calls.ts'
import type { Clock } from '../../core/ports.ts'
import { isHeaderText, isHealthStatus, toRoutesBase } from './hub-routes.ts'
import { isPassingStatus, type RestAnswer, readAnswer, toAnswerError } from './rest-answer.ts'
import { type RestRequest, readText, sendRequest } from './rest-request.ts'

/** Bounds of the calls. */
export interface RestBounds {
  /** Longest wait for a short answer, in milliseconds. */
  readonly answerMsMax: number
  /** What the hub gets on top of a task's own time, in milliseconds, before the caller gives it up. */
  readonly slackMs: number
  /** Largest answer, and largest event of a stream, in bytes. */
  readonly bytesMax: number
  /** Longest silence of a stream, in milliseconds; the hub sends a comment every 14 s. */
  readonly idleMsMax: number
  /** Waits between two tries to follow a task, in milliseconds. */
  readonly retryBaseMs: number
  readonly retryCapMs: number
  /** Longest wait that whoever answers may ask of somebody who follows a task, in milliseconds. */
  readonly retryAfterMsMax: number
}

/**
 * Bounds that suit the hub's own: an answer of an agent has at most some MiB, three comments may be lost, and nobody is
 * locked out for longer than a minute.
 */
export const REST_BOUNDS: RestBounds = {
  answerMsMax: 15_000,
  slackMs: 10_000,
  bytesMax: 8_388_608,
  idleMsMax: 45_000,
  retryBaseMs: 500,
  retryCapMs: 10_000,
  retryAfterMsMax: 60_000,
}

/** Where the hub is and how it is spoken to. */
export interface RestParts {
  /** As the link takes it: `ws:` or `wss:`, perhaps below a path. */
  readonly hubUrl: URL
  readonly hubSecret?: string | undefined
  readonly clock: Clock
  /** A number in [0, 1), as `Math.random` gives. */
  readonly random: () => number
  readonly bounds?: Partial<RestBounds>
}

/** What differs from call to call. */
export interface CallOptions {
  readonly method?: RestRequest['method']
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
  readonly headMsMax?: number
}

/** The line to a hub's REST routes: the place, the credential, and the bounds of every call. */
export class RestLine {
  readonly bounds: RestBounds
  readonly clock: Clock
  readonly random: () => number
  readonly #hubUrl: URL
  readonly #secret: string | undefined
  #base: URL | undefined

  constructor({ hubUrl, hubSecret, clock, random, bounds }: RestParts) {
    this.bounds = { ...REST_BOUNDS, ...bounds }
    this.clock = clock
    this.random = random
    this.#hubUrl = hubUrl
    this.#secret = hubSecret
    if (hubUrl.pathname === '/') this.#base = toRoutesBase(hubUrl, '/')
  }

  /** Asks and reads the whole answer. @throws {HubCallError} when there is none; a failed status is an answer */
  async ask(path: string, options: CallOptions = {}): Promise<RestAnswer> {
    return this.#readWhole(await this.open(path, options), options.signal)
  }

  /** Asks and returns the head of the answer. @throws {HubCallError} when there is none */
  async open(path: string, options: CallOptions = {}): Promise<IncomingMessage> {
    const url = new URL(path, await this.#findBase(options.signal))
    return this.#send(url, { ...options, headers: { ...this.#credential(), ...options.headers } })
  }

  #send(url: URL, { method = 'GET', headers = {}, body, signal, headMsMax }: CallOptions): Promise<IncomingMessage> {
    return sendRequest({
      method,
      url,
      headers,
      ...(body === undefined ? {} : { body }),
      signal,
      headMsMax: headMsMax ?? this.bounds.answerMsMax,
      clock: this.clock,
    })
  }

  async #readWhole(answer: IncomingMessage, signal: AbortSignal | undefined): Promise<RestAnswer> {
    const { bytesMax, answerMsMax } = this.bounds
    const text = await readText(answer, { clock: this.clock, signal, bytesMax, bodyMsMax: answerMsMax })
    return { status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'], text }
  }

  #credential(): Readonly<Record<string, string>> {
    if (this.#secret === undefined) return {}
    if (isHeaderText(this.#secret)) return { authorization: `Bearer ${this.#secret}` }
    throw new HubCallError('unauthorized', 'AGENT_HUB_SECRET holds letters that no HTTP header can carry.')
  }

  /** A proxy may have the routes below the link's path; without one they are at the root, wherever the link goes. */
  async #findBase(signal: AbortSignal | undefined): Promise<URL> {
    if (this.#base !== undefined) return this.#base
    const below = toRoutesBase(this.#hubUrl, this.#hubUrl.pathname)
    const answer = await this.#readWhole(await this.#send(new URL('health', below), { signal }), signal)
    const isHub = this.#isHealth(answer)
    // a proxy whose hub is away says nothing of where the routes are; the next call asks again
    if (!isHub && isPassingStatus(answer.status)) throw toAnswerError(answer)
    this.#base = isHub ? below : toRoutesBase(this.#hubUrl, '/')
    return this.#base
  }

  #isHealth(answer: RestAnswer): boolean {
    try {
      readAnswer(healthAnswer, answer, isHealthStatus)
      return true
    } catch (error) {
      if (error instanceof HubCallError) return false
      throw error
    }
  }
}
