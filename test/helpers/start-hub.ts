import { randomBytes } from 'node:crypto'
import { buildHub, type HubEvent, type HubOverrides, type RunningHub, readConfig } from '@ai-comms/hub'
import { pino } from 'pino'
import { type Answer, type CallOptions, httpCall } from './http-call.ts'
import { Inbox } from './inbox.ts'
import { ManualClock } from './manual-clock.ts'
import { within } from './within.ts'

/** Longest step of {@link TestHub.advance}, so that the hub does not take the jump for a standstill of its process. */
const STEP_MS = 5_000

/** What a test may decide about its hub. */
export interface HubOptions {
  /** Variables besides or instead of the defaults. An empty one counts as missing. */
  readonly env?: Readonly<Record<string, string>>
  /** The clock of a hub that this one follows. */
  readonly clock?: ManualClock
  /** Where durable tasks are kept, besides or instead of what `HUB_DATA_DIR` says. */
  readonly store?: NonNullable<HubOverrides['store']>
}

/** Where a peer or a caller finds a hub. */
export interface HubAddress {
  readonly url: string
  readonly socketUrl: string
  readonly secret: string
}

/** A hub in this process, on a free port, with a clock that stands still. */
export class TestHub implements HubAddress, AsyncDisposable {
  readonly url: string
  readonly secret: string
  readonly clock: ManualClock
  /** Log lines as they would be printed. */
  readonly lines: readonly string[]
  readonly #events: Inbox<HubEvent>
  readonly #running: RunningHub

  constructor(parts: {
    url: string
    secret: string
    clock: ManualClock
    lines: readonly string[]
    events: Inbox<HubEvent>
    running: RunningHub
  }) {
    this.url = parts.url
    this.secret = parts.secret
    this.clock = parts.clock
    this.lines = parts.lines
    this.#events = parts.events
    this.#running = parts.running
  }

  get socketUrl(): string {
    return this.url.replace(/^http/, 'ws')
  }

  get port(): number {
    return Number(new URL(this.url).port)
  }

  /** Events so far. */
  get events(): readonly HubEvent[] {
    return this.#events.seen
  }

  /** The first event of this type that nobody took before, waiting for it if need be. */
  async event<Type extends HubEvent['type']>(
    type: Type,
    fits: (event: Extract<HubEvent, { type: Type }>) => boolean = () => true,
  ): Promise<Extract<HubEvent, { type: Type }>> {
    const isIt = (event: HubEvent): event is Extract<HubEvent, { type: Type }> => event.type === type
    const event = await this.#events.take((one) => isIt(one) && fits(one), `the event ${type}`)
    if (!isIt(event)) throw new Error('The wrong event')
    return event
  }

  /** Moves the clock and lets the hub look at it, without a turn of the event loop between. */
  advance(ms: number): void {
    for (let left = ms; left > 0; left -= STEP_MS) {
      this.clock.time += Math.min(left, STEP_MS)
      this.#running.hub.sweep()
    }
  }

  /** An HTTP call with the right secret. */
  call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    return this.callBare(method, path, {
      ...options,
      headers: { authorization: `Bearer ${this.secret}`, ...options.headers },
    })
  }

  /** An HTTP call with nothing but what the test says. */
  callBare(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    return httpCall(method, `${this.url}${path}`, options)
  }

  get(path: string): Promise<Answer> {
    return this.call('GET', path)
  }

  post(path: string, body: unknown, options: CallOptions = {}): Promise<Answer> {
    return this.call('POST', path, { body, ...options })
  }

  drain(): Promise<void> {
    return this.#running.drain()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await within(this.drain(), 'the end of the drain', 6_000)
  }
}

/** Starts a hub as the process would, with a random secret; it ends with the test. */
export const startHub = async (options: HubOptions = {}): Promise<TestHub> => {
  const { env = {}, clock = new ManualClock(), store } = options
  const secret = env['HUB_SECRET'] ?? randomBytes(24).toString('base64url')
  const config = readConfig({
    PORT: '0',
    HUB_HOST: '127.0.0.1',
    HUB_DRAIN_MS: '0',
    HUB_LOG_LEVEL: 'debug',
    HUB_DATA_DIR: ':memory:',
    HUB_SECRET: secret,
    ...env,
  })
  if (!config.ok) throw new Error(config.mistakes.join('; '))
  const lines: string[] = []
  const logger = pino({ level: config.values.logLevel }, { write: (line) => void lines.push(line) })
  const events = new Inbox<HubEvent>()
  const observe = (event: HubEvent) => events.put(event)
  const running = await buildHub(config.values, logger, { clock, observe, ...(store && { store }) })
  const url = await running.listen()
  return new TestHub({ url, secret, clock, lines, events, running })
}
