import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { RestartableAgent } from './agent-process.ts'
import { ChatTerminal } from './chat-terminal.ts'
import { endWithMe } from './end-with-me.ts'
import { COMPILED, type HubProcess, startHubProcess } from './hub-process.ts'
import { type ModelScript, ModelServer } from './model-server.ts'
import { within } from './within.ts'

const MAIN = fileURLToPath(new URL('../../agent/src/main.ts', import.meta.url))
const TWO_AGENTS = fileURLToPath(new URL('../process/fixtures/two-agents.ts', import.meta.url))
/** On a machine that does much else. */
const START_MS_MAX = 20_000
/** What confirms the last answer may be on its way for so long, in milliseconds. */
const CONFIRM_MS = 1_000

/** The agent that a person talks to in a terminal. */
export const DESK = 'Desk'

/** A line of an audit trail. */
export interface AuditLine {
  readonly [member: string]: unknown
  readonly type: string
}

/**
 * A hub, a model, and four agents that share their secrets: Atlas and Nova in a process of their own, Bolt in another, and
 * the one that a person talks to in a terminal, which may be killed and started again.
 */
export class ConversationStage implements AsyncDisposable {
  readonly hub: HubProcess
  readonly model: ModelServer
  /** What all agents share. */
  readonly secrets = {
    SECURITY_AGENT_SECRET: randomBytes(32).toString('hex'),
    SECURITY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
  }
  readonly #folder = mkdtempSync(join(tmpdir(), 'conversation-'))
  readonly #rest = new AsyncDisposableStack()
  readonly #desk: Readonly<Record<string, string>>
  #lives = 0

  private constructor(hub: HubProcess, model: ModelServer) {
    this.hub = hub
    this.model = model
    this.#rest.defer(() => rmSync(this.#folder, { recursive: true }))
    this.#rest.use(hub)
    this.#rest.use(model)
    this.#desk = {
      NODE_COMPILE_CACHE: COMPILED,
      PLATFORM: 'console',
      AGENT_NAME: DESK,
      AGENT_ID: DESK.toLowerCase(),
      AGENT_HUB_URL: hub.url,
      AGENT_HUB_SECRET: hub.secret,
      AGENT_LOG_LEVEL: 'warn',
      HEALTH_PORT: '0',
      DATA_DIR: this.dataDir,
      AI_FALLBACK_PROVIDERS: '',
      ...model.environmentOf(DESK),
      ...this.secrets,
    }
  }

  /** Starts everything but the terminal. */
  static async open(script: ModelScript): Promise<ConversationStage> {
    const stage = new ConversationStage(
      await startHubProcess({ NODE_COMPILE_CACHE: COMPILED }),
      await ModelServer.start(script),
    )
    try {
      await Promise.all([stage.#startTwo(), stage.#startBolt()])
      return stage
    } catch (error) {
      await stage[Symbol.asyncDispose]()
      throw error
    }
  }

  /** The data folder of the agent in the terminal. */
  get dataDir(): string {
    return join(this.#folder, 'desk')
  }

  /** Starts the agent in a new terminal, and resolves when the hub has it. */
  async openChat(): Promise<ChatTerminal> {
    const chat = await ChatTerminal.open({ argv: [process.execPath, MAIN], cwd: this.#folder, env: this.#desk })
    this.#lives += 1
    const joined = `[^\n]*"agent":"${DESK}"[^\n]*has registered[^]*`
    await this.hub.logged(new RegExp(joined.repeat(this.#lives)), START_MS_MAX)
    return chat
  }

  /** What the audit trail of the agent in the terminal says so far. */
  readAudit(): AuditLine[] {
    const files = globSync(join(this.dataDir, 'logs', 'audit-*.jsonl')).sort()
    return files.flatMap((file) => {
      const lines = readFileSync(file, 'utf8').trim().split('\n')
      return lines.filter((line) => line !== '').map((line): AuditLine => JSON.parse(line))
    })
  }

  /** Runs `agent audit verify` on that trail. */
  async verifyAudit(): Promise<{ readonly code: number | null; readonly text: string }> {
    const child = spawn(process.execPath, [MAIN, 'audit', 'verify'], {
      cwd: this.#folder,
      env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: COMPILED, DATA_DIR: this.dataDir },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    endWithMe(child)
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
    })
    await within(once(child, 'close'), 'the end of the verification', START_MS_MAX)
    return { code: child.exitCode, text }
  }

  /** Lets time pass, and tells what was there before and after it: all that was asked, relayed and shown. */
  async watch(chat: ChatTerminal, ms: number): Promise<{ readonly before: unknown; readonly after: unknown }> {
    const look = async () => ({
      asked: this.model.requests.length,
      counts: (await this.hub.call('GET', '/health')).body?.['counts'],
      screen: chat.text,
    })
    await delay(CONFIRM_MS)
    const before = await look()
    await delay(ms)
    return { before, after: await look() }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#rest.disposeAsync()
  }

  async #startTwo(): Promise<void> {
    const members = [
      { name: 'Atlas', skill: 'research' },
      { name: 'Nova', skill: 'analysis' },
    ].map((member) => ({ ...member, key: this.model.environmentOf(member.name)['OPENAI_API_KEY'] }))
    const settings = {
      members,
      modelUrl: this.model.url,
      hubUrl: this.hub.url,
      hubSecret: this.hub.secret,
      secret: this.secrets.SECURITY_AGENT_SECRET,
      encryptionKey: this.secrets.SECURITY_ENCRYPTION_KEY,
    }
    const child = spawn(process.execPath, [TWO_AGENTS], {
      cwd: this.#folder,
      env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: COMPILED, TWO_AGENTS: JSON.stringify(settings) },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    endWithMe(child)
    const ended = once(child, 'close')
    this.#rest.defer(async () => {
      child.kill('SIGKILL')
      await ended
    })
    const online = Promise.race([once(child.stdout, 'data'), ended.then(() => Promise.reject(new Error('Two ended')))])
    await within(online, 'Atlas and Nova online', START_MS_MAX)
  }

  async #startBolt(): Promise<void> {
    const bolt = new RestartableAgent(this.hub, this.model.url, {
      NODE_COMPILE_CACHE: COMPILED,
      AGENT_NAME: 'Bolt',
      AGENT_SKILLS: 'coding',
      ...this.model.environmentOf('Bolt'),
      ...this.secrets,
    })
    this.#rest.use(bolt)
    await bolt.start()
  }
}
