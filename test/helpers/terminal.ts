import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Duplex, Writable } from 'node:stream'
import { promisify } from 'node:util'
import unicode from '@xterm/addon-unicode11'
import xterm from '@xterm/headless'
import { endWithMe } from './end-with-me.ts'
import { within } from './within.ts'

/** On a machine that does much else. */
const SHOWN_MS_MAX = 15_000
const SIZE = { columns: 80, rows: 24 }

/** What terminals send for keys that are no characters. */
const KEYS = {
  enter: '\r',
  'alt-enter': '\u001b\r',
  up: '\u001b[A',
  down: '\u001b[B',
  right: '\u001b[C',
  left: '\u001b[D',
  home: '\u001b[H',
  end: '\u001b[F',
  backspace: '\u007f',
  delete: '\u001b[3~',
  'ctrl-a': '\u0001',
  'ctrl-c': '\u0003',
  'ctrl-d': '\u0004',
  'ctrl-l': '\u000c',
  'ctrl-u': '\u0015',
  'ctrl-w': '\u0017',
  'ctrl-y': '\u0019',
  'ctrl-z': '\u001a',
} as const

/** A program that is run in a terminal. */
export interface TerminalOptions {
  readonly argv: readonly string[]
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  readonly columns?: number
  readonly rows?: number
}

const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

const openScreen = (columns: number, rows: number): xterm.Terminal => {
  const screen = new xterm.Terminal({ cols: columns, rows, scrollback: 1_000, allowProposedApi: true })
  screen.loadAddon(new unicode.Unicode11Addon())
  screen.unicode.activeVersion = '11'
  return screen
}

/**
 * A real terminal with a program in it: `script` of util-linux holds the far end of a pseudo terminal, and what comes out
 * of it is drawn by an emulator, so that a test sees what a person sees.
 */
export class Terminal implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly #screen: xterm.Terminal
  readonly #changes = new EventEmitter()
  readonly #ended: Promise<number | null>
  readonly #side: Duplex
  readonly #lines: string[] = []
  #bytes = ''
  #complaint = ''

  private constructor({ argv, env = {}, cwd, columns = SIZE.columns, rows = SIZE.rows }: TerminalOptions) {
    this.#screen = openScreen(columns, rows)
    this.#changes.setMaxListeners(0)
    const command = `stty rows ${rows} columns ${columns}; tty >&3; exec ${argv.map(quote).join(' ')}`
    this.#process = spawn('script', ['--quiet', '--return', '--flush', '--command', command, '/dev/null'], {
      cwd,
      env: { ...process.env, TERM: 'xterm-256color', NO_COLOR: undefined, ...env },
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    })
    endWithMe(this.#process)
    this.#side = this.#process.stdio[3] as Duplex
    createInterface({ input: this.#side }).on('line', (line) => {
      this.#lines.push(line)
      this.#changes.emit('change')
    })
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#bytes += text
      this.#screen.write(text, () => this.#changes.emit('change'))
    })
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint += text
    })
    // a terminal answers when it is asked where its cursor is
    this.#screen.onData((answer) => this.#keys.write(answer))
    this.#keys.on('error', () => this.#changes.emit('change'))
    this.#ended = once(this.#process, 'close').then(
      ([code]) => code,
      (cause) => {
        throw new Error('A test needs the program `script`, which is in util-linux (bsdutils in Debian)', { cause })
      },
    )
    this.#ended.then(
      () => this.#changes.emit('change'),
      () => this.#changes.emit('change'),
    )
  }

  /** Opens a terminal, and runs a program in it. @throws {Error} when this machine cannot */
  static async open(options: TerminalOptions): Promise<Terminal> {
    const terminal = new Terminal(options)
    await Promise.race([terminal.#until('a terminal', () => terminal.#lines.length > 0), terminal.#ended])
    if (terminal.#lines.length === 0) throw new Error(`There is no terminal: ${terminal.#complaint}${terminal.#bytes}`)
    return terminal
  }

  get #keys(): Writable {
    const { stdin } = this.#process
    if (stdin === null) throw new Error('The terminal takes no keys')
    return stdin
  }

  /** Everything that the program wrote, as it wrote it. */
  get bytes(): string {
    return this.#bytes
  }

  /** All rows, those that scrolled away too, without what is blank at the end. */
  get text(): string {
    const { active } = this.#screen.buffer
    const rows = Array.from({ length: active.length }, (_, at) =>
      (active.getLine(at)?.translateToString(true) ?? '').trimEnd(),
    )
    return rows.join('\n').trimEnd()
  }

  /** The row of the cursor, and what stands before the cursor in it. */
  get cursor(): { readonly row: string; readonly before: string } {
    const { active } = this.#screen.buffer
    const line = active.getLine(active.baseY + active.cursorY)
    return {
      row: line?.translateToString(true).trimEnd() ?? '',
      before: line?.translateToString(false, 0, active.cursorX) ?? '',
    }
  }

  /** Whether the program has asked for marks around what is pasted. */
  get marksPastes(): boolean {
    return this.#screen.modes.bracketedPasteMode
  }

  /** Types a text, or one key after the other. */
  type(text: string): void {
    this.#keys.write(text)
  }

  press(...keys: readonly (keyof typeof KEYS)[]): void {
    for (const key of keys) this.#keys.write(KEYS[key])
  }

  /** Pastes as terminals do: line ends become Enter, and the whole is marked when the program has asked for it. */
  paste(text: string): void {
    const keys = text.replaceAll('\n', '\r')
    this.#keys.write(this.marksPastes ? `\u001b[200~${keys}\u001b[201~` : keys)
  }

  /** Waits until the screen shows a text. @throws {Error} with the screen when it does not */
  async shows(wanted: string | RegExp): Promise<void> {
    const isShown = () => (typeof wanted === 'string' ? this.text.includes(wanted) : wanted.test(this.text))
    await this.#until(String(wanted), isShown)
  }

  /** Waits until something is so. @param what said when it is not */
  until(what: string, isSo: (terminal: Terminal) => boolean): Promise<void> {
    return this.#until(what, () => isSo(this))
  }

  /** Makes the window larger or smaller, as a person does by its edge. */
  async resize(columns: number, rows: number): Promise<void> {
    this.#screen.resize(columns, rows)
    const [name = ''] = this.#lines
    await promisify(execFile)('stty', ['-F', name, 'rows', `${rows}`, 'columns', `${columns}`])
  }

  /** Tells the program something past the terminal: a line on its descriptor 3. */
  tell(message: unknown): void {
    this.#side.write(`${JSON.stringify(message)}\n`)
  }

  /** The n-th line that the program has written to its descriptor 3, when it comes. */
  async told(count: number): Promise<unknown> {
    await this.#until(`line ${count} past the terminal`, () => this.#lines.length > count)
    return JSON.parse(this.#lines[count] ?? '')
  }

  /** Waits for the program to end. @returns its exit code */
  ended(): Promise<number | null> {
    return within(this.#ended, `the end of the program; the screen:\n${this.text}`, SHOWN_MS_MAX)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill('SIGKILL')
    await this.#ended
    this.#screen.dispose()
  }

  async #until(what: string, isSo: () => boolean): Promise<void> {
    const wait = async () => {
      while (!isSo()) await once(this.#changes, 'change')
    }
    try {
      await within(wait(), what, SHOWN_MS_MAX)
    } catch (cause) {
      throw new Error(`The terminal does not show ${what}, but:\n${this.text}\n${this.#complaint}`, { cause })
    }
  }
}
