import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Changes } from '../support/whatsapp-server/changes.ts'
import { endWithMe } from './end-with-me.ts'
import { type Answer, httpCall } from './http-call.ts'
import { COMPILED } from './hub-process.ts'
import { Inbox } from './inbox.ts'
import { readQr } from './read-qr.ts'
import { within } from './within.ts'

const MAIN = fileURLToPath(new URL('../../agent/src/main.ts', import.meta.url))
/** On a machine that does much else. */
const STEP_MS_MAX = 40_000
/** So much of its log is told with what went wrong. */
const SAID_CHARS = 2_000
/** A QR in blocks of half a line, its upper border and all. */
const QR = /^▄+\n(?:█.*█\n)+/gm

/** A line of an agent's log. */
export interface LogLine {
  readonly [member: string]: unknown
  readonly msg: string
}

/** How an agent is started. */
export interface ProgramOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** What stands before the program's file. */
  readonly nodeArguments: readonly string[]
}

/** A real agent in a process of its own, with its log and its terminal taken apart. */
export class AgentProgram implements AsyncDisposable {
  readonly lines = new Inbox<LogLine>()
  /** The exit code; null after a signal. */
  readonly ended: Promise<number | null>
  readonly #child: ChildProcess
  readonly #changes = new Changes()
  #log = ''
  #terminal = ''
  #rest = ''
  #complaint = ''
  #hasEnded = false

  constructor({ cwd, env, nodeArguments }: ProgramOptions) {
    const all = { PATH: process.env['PATH'], NODE_COMPILE_CACHE: COMPILED, ...env }
    const child = spawn(process.execPath, [...nodeArguments, MAIN], {
      cwd,
      env: all,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    endWithMe(child)
    this.#child = child
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.#take(text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint += text
    })
    this.ended = once(child, 'close').then(([code]) => {
      this.#hasEnded = true
      this.lines.end(new Error(`the agent has ended: ${this.#said}`))
      this.#changes.announce()
      return code
    })
  }

  /** Its log, as it was written. */
  get log(): string {
    return this.#log
  }

  /** What it wrote to its standard output besides the log. */
  get terminal(): string {
    return this.#terminal
  }

  /** Its standard error. */
  get complaint(): string {
    return this.#complaint
  }

  /** QRs that it has shown so far, each as a camera reads it. */
  get qrCodes(): readonly string[] {
    return (this.#terminal.match(QR) ?? []).map(readQr)
  }

  /** The n-th QR, when it is shown. */
  qr(count = 1): Promise<string> {
    return this.#until(`QR ${count}`, () => this.qrCodes[count - 1])
  }

  /** The code that is to be typed on the phone, when it is shown. */
  code(): Promise<string> {
    return this.#until('a code', () => /code: (\S+)/.exec(this.#terminal)?.[1])
  }

  /** Waits for a line of the log; each is found once. */
  logs(fits: (line: LogLine) => boolean, what: string, limitMs = STEP_MS_MAX): Promise<LogLine> {
    return this.lines.take(fits, what, limitMs)
  }

  /** Waits until WhatsApp's connection comes to a state, by this close code if one is given; each time is found once. */
  reaches(state: string, code?: number): Promise<LogLine> {
    const isIt = (line: LogLine) =>
      line.msg === 'WhatsApp: the connection has changed' &&
      line['state'] === state &&
      (code === undefined || line['code'] === code)
    return this.logs(isIt, `the state ${state}`)
  }

  /** What its health server says under a path. */
  async look(path: '/health' | '/ready'): Promise<Answer> {
    const port = () => this.lines.seen.find(({ msg }) => msg === 'starting')?.['healthPort']
    const found = await this.#until('a health port', port)
    return httpCall('GET', `http://127.0.0.1:${found}${path}`)
  }

  /** Waits for its end. @returns its exit code */
  end(limitMs = STEP_MS_MAX): Promise<number | null> {
    return within(this.ended, 'the end of the agent', limitMs)
  }

  /** Ends it as an operator does. @returns its exit code */
  stop(): Promise<number | null> {
    this.#child.kill('SIGTERM')
    return this.end()
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.end()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }

  get #said(): string {
    return `${this.#complaint}${this.#log.slice(-SAID_CHARS)}`
  }

  #until<Found>(what: string, find: () => Found | undefined): Promise<Found> {
    const look = () => {
      const found = find()
      if (found === undefined && this.#hasEnded) throw new Error(`${what} did not come: ${this.#said}`)
      return found
    }
    return this.#changes.until(what, look, STEP_MS_MAX)
  }

  #take(text: string): void {
    const lines = `${this.#rest}${text}`.split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line.startsWith('{"')) {
        this.#log += `${line}\n`
        this.lines.put(JSON.parse(line))
      } else this.#terminal += `${line}\n`
    }
    this.#changes.announce()
  }
}
