import { EventEmitter, once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { httpCall } from './http-call.ts'
import { within } from './within.ts'

/** Longest time between two tasks of a submitter, and between two attempts at one, in milliseconds. */
const THINKING_MS = 15
const BROKEN = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE'])

const isBroken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && BROKEN.has(error.code)

/** Whom the tasks are for, and with what they are sent. */
export interface SubmittersOptions {
  readonly secret: string
  /** Names of agents, in turn. */
  readonly agents: readonly string[]
  readonly count?: number
}

/**
 * Callers that submit durable tasks without a break. One whose connection breaks, or that is told that the hub stops,
 * submits the same task again, as a careful caller does.
 */
export class Submitters implements AsyncDisposable {
  /** Ids of the tasks that were answered with 202. */
  readonly accepted: string[] = []
  /** What they send; may be changed at any time. */
  secret: string
  readonly #hub: { readonly url: string }
  readonly #agents: readonly string[]
  readonly #heard = new EventEmitter()
  readonly #working: Promise<unknown>
  #isOver = false

  constructor(hub: { readonly url: string }, { secret, agents, count = 4 }: SubmittersOptions) {
    this.#hub = hub
    this.secret = secret
    this.#agents = agents
    this.#working = Promise.all(Array.from({ length: count }, (_, at) => this.#submitAgainAndAgain(at)))
    // whoever waits for the end hears of it; until then it is no unheard rejection
    this.#working.catch(() => undefined)
  }

  /** Waits until so many more tasks were accepted. */
  async more(count: number): Promise<void> {
    const wanted = this.accepted.length + count
    const wait = async () => {
      while (this.accepted.length < wanted) await once(this.#heard, 'accepted')
    }
    await within(Promise.race([wait(), this.#working]), `${count} more tasks`, 30_000)
  }

  /** Lets them finish what they are at. @throws {Error} when one of them was refused */
  async stop(): Promise<void> {
    this.#isOver = true
    await this.#working
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    await Promise.allSettled([this.#working])
  }

  async #submitAgainAndAgain(submitter: number): Promise<void> {
    for (let count = 0; !this.#isOver; count++) {
      await this.#submit(`${submitter}-${count}`, this.#agents[count % this.#agents.length] ?? '')
      await pause(THINKING_MS)
    }
  }

  async #submit(key: string, agent: string): Promise<void> {
    let id = await this.#post(key, agent)
    while (id === undefined) {
      await pause(THINKING_MS)
      id = await this.#post(key, agent)
    }
    this.accepted.push(id)
    this.#heard.emit('accepted')
  }

  /** @returns undefined when it has to be tried again */
  async #post(key: string, agent: string): Promise<string | undefined> {
    try {
      const headers = { authorization: `Bearer ${this.secret}`, 'idempotency-key': key }
      const { status, text, body } = await httpCall('POST', `${this.#hub.url}/tasks`, {
        headers,
        body: { agent, message: key },
      })
      if (status === 503) return undefined
      if (status !== 202) throw new Error(`POST /tasks was answered with ${status} ${text}`)
      return String(body?.['id'])
    } catch (error) {
      if (isBroken(error)) return undefined
      throw error
    }
  }
}
