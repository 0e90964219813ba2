import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Person } from '../support/whatsapp-server/person.ts'
import type { Phone } from '../support/whatsapp-server/phone.ts'
import { type ServerOptions, WhatsAppServer } from '../support/whatsapp-server/server.ts'
import { AgentProgram } from './agent-program.ts'
import { findLeaks } from './find-leaks.ts'
import { type ModelScript, ModelServer } from './model-server.ts'
import type { HubAddress } from './start-hub.ts'

/** Who plays: anonymous ids have nothing of the numbers in them, so that each is looked for on its own. */
const OWNERS = {
  Atlas: { number: '15550000002', lid: '83310000002' },
  Nova: { number: '15550000003', lid: '83310000003' },
  Anna: { number: '15550000011', lid: '83310000011' },
  Ben: { number: '15550000012', lid: '83310000012' },
} as const

/** How long a person may wait for an answer, in milliseconds: an agent writes as slowly as people do. */
export const ANSWER_MS_MAX = 45_000

/** WhatsApp ends the connection so once a phone has linked it. */
const RESTART = 515
/** Nobody listens on this port. */
const NO_HUB = 'http://127.0.0.1:9'

/** Variables of an agent. */
export type AgentEnvironment = Readonly<Record<string, string>>

/** What a stage may have besides a server. */
export interface StageOptions extends ServerOptions {
  /** What the model says; it says "Noted." unless given. */
  readonly script?: ModelScript
  readonly hub?: HubAddress
  /** What every agent is started with. */
  readonly env?: AgentEnvironment
}

/** A line of an audit trail. */
export interface AuditLine {
  readonly [member: string]: unknown
  readonly type: string
}

/** The place of an agent: its name, its phone and its data folder. Processes come and go in it. */
export interface Seat {
  readonly phone: Phone
  readonly dataDir: string
  /** Starts the agent, and waits for nothing. */
  start(env?: AgentEnvironment): AgentProgram
  /** Starts it, lets its phone scan the QR, and resolves when it is open and has what the phone tells it. */
  link(env?: AgentEnvironment): Promise<AgentProgram>
  /** Resolves when it has what the phone tells it at first: until then it holds back what comes. */
  settle(): Promise<void>
  /** What its audit trail says so far. */
  readAudit(): readonly AuditLine[]
}

const readTrail = (dataDir: string): string =>
  globSync(join(dataDir, 'logs', 'audit-*.jsonl'))
    .sort()
    .map((file) => readFileSync(file, 'utf8'))
    .join('')

/**
 * WhatsApp on this machine, a model, people with real Baileys sockets, and agents in processes of their own. When it is
 * over, everything that any agent has logged is searched for what must never stand there.
 */
export class WhatsAppStage implements AsyncDisposable {
  readonly server: WhatsAppServer
  readonly model: ModelServer
  readonly atlas: Seat
  readonly #options: StageOptions
  readonly #folder = mkdtempSync(join(tmpdir(), 'whatsapp-'))
  readonly #rest = new AsyncDisposableStack()
  readonly #programs: AgentProgram[] = []
  readonly #people: Person[] = []
  readonly #phones: Phone[] = []
  readonly #dataDirs: string[] = []

  private constructor(server: WhatsAppServer, model: ModelServer, options: StageOptions) {
    this.server = server
    this.model = model
    this.#options = options
    this.#rest.defer(() => rmSync(this.#folder, { recursive: true }))
    this.#rest.use(model)
    this.#rest.use(server)
    this.atlas = this.seat('Atlas')
  }

  /** Opens a stage on which nobody is linked. */
  static async open(options: StageOptions = {}): Promise<WhatsAppStage> {
    const server = await WhatsAppServer.start(options)
    const model = await ModelServer.start(options.script ?? (() => 'Noted.'))
    return new WhatsAppStage(server, model, options)
  }

  /** A place for an agent. */
  seat(name: 'Atlas' | 'Nova'): Seat {
    const phone = this.server.addPhone({ ...OWNERS[name], name })
    const dataDir = join(this.#folder, name.toLowerCase())
    this.#phones.push(phone)
    this.#dataDirs.push(dataDir)
    const known = this.#toEnvironment(name, dataDir)
    const start = (env: AgentEnvironment = {}) => this.#start({ ...known, ...this.#options.env, ...env })
    const isTold = ({ from, type }: { readonly from: string; readonly type: string }) =>
      from === phone.number && type === 'hist_sync'
    const settle = async () => {
      await this.server.until('the history', () => this.server.seen.receipts.all.some(isTold), ANSWER_MS_MAX)
    }
    const link = async (env?: AgentEnvironment) => {
      const agent = start(env)
      await phone.scan(await agent.qr())
      await agent.reaches('connecting', RESTART)
      await agent.reaches('open')
      await settle()
      return agent
    }
    const readAudit = () =>
      readTrail(dataDir)
        .split('\n')
        .filter((line) => line !== '')
        .map((line): AuditLine => JSON.parse(line))
    return { phone, dataDir, start, link, settle, readAudit }
  }

  /** Somebody who is online with a phone. */
  async join(name: 'Anna' | 'Ben'): Promise<Person> {
    const person = this.#rest.use(await Person.join(this.server, { ...OWNERS[name], name }))
    this.#people.push(person)
    this.#phones.push(person.phone)
    return person
  }

  /** What any agent has logged, or written down for its owner, that must never stand there. */
  findLeaks(): readonly string[] {
    return findLeaks({
      programs: this.#programs,
      trails: this.#dataDirs.map(readTrail),
      phones: this.#phones,
      people: this.#people,
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using rest = this.#rest
    for (const program of this.#programs) rest.use(program)
    const leaks = this.findLeaks()
    if (leaks.length > 0) throw new Error(`Logged, and must not be: ${leaks.join('; ')}`)
  }

  #start(env: AgentEnvironment): AgentProgram {
    const { nodeArguments, environment } = this.server.childTrust
    const program = new AgentProgram({ cwd: this.#folder, nodeArguments, env: { ...environment, ...env } })
    this.#programs.push(program)
    return program
  }

  #toEnvironment(name: string, dataDir: string): AgentEnvironment {
    const { hub } = this.#options
    return {
      PLATFORM: 'whatsapp',
      WHATSAPP_WS_URL: this.server.url,
      DATA_DIR: dataDir,
      AGENT_NAME: name,
      AGENT_ID: name.toLowerCase(),
      AGENT_HUB_URL: hub?.url ?? NO_HUB,
      ...(hub ? { AGENT_HUB_SECRET: hub.secret } : {}),
      AGENT_DRAIN_MS: '0',
      // whatever may be logged is looked at
      AGENT_LOG_LEVEL: 'debug',
      HEALTH_PORT: '0',
      AI_FALLBACK_PROVIDERS: '',
      ...this.model.environmentOf(name),
    }
  }
}
