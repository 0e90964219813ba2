import { agentsAnswer, type BroadcastResult, broadcastAnswer, problem, taskAnswer } from '@ai-comms/shared'

/** How often a condition is looked at, in milliseconds. */
const POLL_MS = 50
/** How long the network may take to come up, in milliseconds. */
const START_MS_MAX = 30_000
/** How long the first answers may take, in milliseconds. */
const ANSWER_MS_MAX = 120_000
/** How long a hub that may be there is given to show it, in milliseconds. */
const THERE_MS_MAX = 2_000

/** Calls `isDone` until it says yes. @throws {Error} after half a minute, naming what was waited for */
const until = async (what: string, isDone: () => Promise<boolean>): Promise<void> => {
  for (const deadlineAt = performance.now() + START_MS_MAX; performance.now() < deadlineAt; ) {
    if (await isDone()) return
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  throw new Error(`Gave up waiting for ${what}`)
}

/** A caller of the hub's REST side. */
export class HubClient {
  readonly #url: string
  readonly #secret: string

  constructor(url: string, secret: string) {
    this.#url = url
    this.#secret = secret
  }

  /** Resolves once this very hub answers: another one on the same port would not know the secret. */
  untilReady(): Promise<void> {
    return this.untilAgents(0)
  }

  /** Resolves once so many agents are registered. */
  untilAgents(count: number): Promise<void> {
    return until(count === 0 ? 'the hub' : `${count} agents`, async () => {
      try {
        const answer = agentsAnswer.safeParse(await this.#call('GET', '/agents'))
        return answer.success && answer.data.agents.length >= count
      } catch (error) {
        // Nothing listens yet (TypeError), or something that is no hub (SyntaxError)
        if (error instanceof TypeError || error instanceof SyntaxError) return false
        throw error
      }
    })
  }

  /** Whether this very hub answers at the moment. */
  async isThere(): Promise<boolean> {
    try {
      const response = await fetch(`${this.#url}/agents`, {
        headers: { authorization: `Bearer ${this.#secret}` },
        signal: AbortSignal.timeout(THERE_MS_MAX),
      })
      return agentsAnswer.safeParse(await response.json()).success
    } catch (error) {
      // nothing listens there, something that is no hub does, or nobody answers in time
      if (error instanceof TypeError || error instanceof SyntaxError || error instanceof DOMException) return false
      throw error
    }
  }

  /** The agent's answer, or the sentence that says why there is none. */
  async sendTask(agent: string, message: string): Promise<string> {
    const answer = await this.#call('POST', '/task', { agent, message, sender: 'start', timeoutMs: ANSWER_MS_MAX })
    const answered = taskAnswer.safeParse(answer)
    return answered.success ? answered.data.response : `(failed) ${problem.parse(answer).detail}`
  }

  /** What each agent said. */
  async broadcast(message: string): Promise<readonly BroadcastResult[]> {
    const answer = await this.#call('POST', '/broadcast', { message, sender: 'start', timeoutMs: ANSWER_MS_MAX })
    return broadcastAnswer.parse(answer).results
  }

  async #call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(this.#url + path, {
      method,
      headers: { authorization: `Bearer ${this.#secret}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return response.json()
  }
}
