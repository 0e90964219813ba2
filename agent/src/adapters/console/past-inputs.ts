import { appendFileSync, chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Inputs that are kept. */
const INPUTS_MAX = 500
/** Longest input that is kept, in UTF-16 units; what is longer was pasted, and is not looked for by arrow keys. */
const INPUT_CHARS_MAX = 10_000

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'

const parseLine = (line: string): readonly string[] => {
  try {
    const input: unknown = JSON.parse(line)
    return typeof input === 'string' && input !== '' ? [input] : []
  } catch (error) {
    // half a line, from a process that was killed while it wrote: it is an old input less, and no more
    if (error instanceof SyntaxError) return []
    throw error
  }
}

/** Where inputs are kept over restarts: a file for this user alone, a JSON string in each line. */
class InputFile {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** The inputs of before; the file is written anew without those that are too many. */
  read(): string[] {
    let text: string
    try {
      text = readFileSync(this.#path, 'utf8')
    } catch (error) {
      if (isMissing(error)) return []
      throw error
    }
    const lines = text.split('\n').filter((line) => line !== '')
    const inputs = lines.flatMap(parseLine).slice(-INPUTS_MAX)
    if (lines.length > inputs.length) this.#replace(inputs)
    else chmodSync(this.#path, 0o600)
    return inputs
  }

  append(input: string): void {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 })
    appendFileSync(this.#path, `${JSON.stringify(input)}\n`, { mode: 0o600 })
  }

  #replace(inputs: readonly string[]): void {
    const aside = `${this.#path}.new`
    writeFileSync(aside, inputs.map((input) => `${JSON.stringify(input)}\n`).join(''), { mode: 0o600 })
    renameSync(aside, this.#path)
  }
}

/** What was sent before, to be fetched again by arrow keys; kept over restarts where it has a file. */
export class PastInputs {
  readonly #inputs: string[] = []
  readonly #file: InputFile | undefined
  /** Which of them is shown; as many as there are for what is being typed. */
  #at = 0
  #typed = ''

  constructor(path?: string) {
    this.#file = path === undefined ? undefined : new InputFile(path)
  }

  /** Reads those of before. @throws {Error} the file system's, when the file is there and cannot be read */
  open(): void {
    this.#inputs.push(...(this.#file?.read() ?? []))
    this.#at = this.#inputs.length
  }

  /** Keeps one. @throws {Error} the file system's, when it cannot be written; it is kept in memory all the same */
  add(input: string): void {
    const isNew = input !== this.#inputs.at(-1) && input.length <= INPUT_CHARS_MAX
    if (isNew) {
      this.#inputs.push(input)
      if (this.#inputs.length > INPUTS_MAX) this.#inputs.shift()
    }
    this.#at = this.#inputs.length
    if (isNew) this.#file?.append(input)
  }

  /** The one before the one that is shown. @param shown what stands there now, kept while it is unsent */
  findOlder(shown: string): string | undefined {
    if (this.#at === 0) return undefined
    if (this.#at === this.#inputs.length) this.#typed = shown
    this.#at -= 1
    return this.#inputs[this.#at]
  }

  /** The one after it; after the last, what was being typed. */
  findNewer(): string | undefined {
    if (this.#at >= this.#inputs.length) return undefined
    this.#at += 1
    return this.#at === this.#inputs.length ? this.#typed : this.#inputs[this.#at]
  }
}
