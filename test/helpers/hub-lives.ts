import { randomBytes } from 'node:crypto'
import { type Answer, type CallOptions, httpCall } from './http-call.ts'
import { COMPILED, type HubEnvironment, type HubProcess, type ProcessEnd, spawnHub } from './hub-process.ts'
import type { HubAddress } from './start-hub.ts'

/** A hub that dies and is started again, on the same folder and port: who knew it finds it again. */
export class HubLives implements HubAddress, AsyncDisposable {
  readonly secret = randomBytes(24).toString('base64url')
  readonly #env: HubEnvironment
  readonly #through: readonly string[]
  #life: HubProcess | undefined
  #url = ''

  /** @param through as for `spawnHub` */
  constructor(env: HubEnvironment, through: readonly string[] = []) {
    this.#env = env
    this.#through = through
  }

  get url(): string {
    return this.#url
  }

  get socketUrl(): string {
    return this.#url.replace(/^http/, 'ws')
  }

  /** The process that runs, or ran last. @throws {Error} before the first start */
  get life(): HubProcess {
    if (this.#life === undefined) throw new Error('The hub was never started')
    return this.#life
  }

  /** Begins the next life without waiting for it. @param env variables of this life alone */
  async spawn(env: HubEnvironment = {}): Promise<HubProcess> {
    await this.#life?.[Symbol.asyncDispose]()
    // The first one finds a port, and the others take it over
    const PORT = this.#url === '' ? '0' : new URL(this.#url).port
    this.#life = await spawnHub(
      { NODE_COMPILE_CACHE: COMPILED, ...this.#env, HUB_SECRET: this.secret, PORT, ...env },
      [],
      this.#through,
    )
    return this.#life
  }

  /** Begins the next life, and resolves when it listens. @param env variables of this life alone */
  async start(env: HubEnvironment = {}): Promise<HubProcess> {
    const life = await this.spawn(env)
    await life.listening()
    this.#url = life.url
    return life
  }

  /** Ends it as a power cut would. */
  kill(): Promise<void> {
    return this.life.kill()
  }

  /** Tells it to end, and waits until it has. */
  stop(): Promise<ProcessEnd> {
    this.life.signal('SIGTERM')
    return this.life.end()
  }

  /** An HTTP call with the right secret. */
  call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const headers = { authorization: `Bearer ${this.secret}`, ...options.headers }
    return httpCall(method, `${this.url}${path}`, { ...options, headers })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#life?.[Symbol.asyncDispose]()
  }
}
