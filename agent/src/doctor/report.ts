import { styleText } from 'node:util'
import { type Check, type CheckStatus, toCountText } from './check.ts'

const WORDS: Readonly<Record<CheckStatus, string>> = { ok: 'ok', warn: 'warn', fail: 'FAIL', skip: 'skip' }
const COLORS = { ok: 'green', warn: 'yellow', fail: 'red', skip: 'gray' } as const

/** Columns of the status, with the gap after it. */
const STATUS_CHARS = 6
/** Columns of the longest name that is usual, with the gap after it. */
const NAME_CHARS = 16

/** Turns checks into lines, and numbers what there is to do. */
export class Report {
  readonly #isColored: boolean
  readonly #checks: Check[] = []
  #steps = 0

  constructor(isColored: boolean) {
    this.#isColored = isColored
  }

  /** Whether nothing has failed so far. */
  get ok(): boolean {
    return this.#checks.every(({ status }) => status !== 'fail')
  }

  /** Takes a check down, and writes its lines. */
  add(check: Check): string {
    this.#checks.push(check)
    const { name, status, detail, fix } = check
    const line = `${this.#paint(status)}${name.padEnd(NAME_CHARS - 1)} ${detail}\n`
    if (fix === undefined) return line
    this.#steps += 1
    return `${line}${' '.repeat(STATUS_CHARS)}${this.#steps}. ${fix}\n`
  }

  /** What it comes to, and what to do with it. */
  conclude(startCommand: string, doctorCommand: string): string {
    const count = (status: CheckStatus) => this.#checks.filter((check) => check.status === status).length
    const [failed, warned] = [count('fail'), count('warn')]
    if (failed > 0) {
      const todo = this.#steps === 1 ? 'Do step 1' : `Do steps 1 to ${this.#steps} in this order`
      return `\n${failed} failed, ${toCountText(warned, 'warning')}. ${todo}, then run "${doctorCommand}" again.\n`
    }
    const found = warned === 0 ? 'All is well' : `Nothing failed, ${toCountText(warned, 'warning')}`
    return `\n${found}: "${startCommand}" starts the agent.\n`
  }

  /** All of it, for programs. */
  toJson(): string {
    return `${JSON.stringify({ ok: this.ok, checks: this.#checks })}\n`
  }

  #paint(status: CheckStatus): string {
    const word = WORDS[status].padEnd(STATUS_CHARS)
    return this.#isColored ? styleText(COLORS[status], word, { validateStream: false }) : word
  }
}
