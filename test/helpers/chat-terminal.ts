import { Terminal, type TerminalOptions } from './terminal.ts'
import { within } from './within.ts'

/** Wide enough that no sentence of these conversations is broken into rows. */
const SIZE = { columns: 240, rows: 60 }

/** A person who talks to an agent at a terminal, and looks at what came since the last thing that was said. */
export class ChatTerminal implements AsyncDisposable {
  readonly #terminal: Terminal
  readonly #pid: number
  #said = ''

  private constructor(terminal: Terminal, pid: number) {
    this.#terminal = terminal
    this.#pid = pid
  }

  /** Opens a terminal with a program in it, and waits for its prompt. */
  static async open({ argv, ...options }: TerminalOptions): Promise<ChatTerminal> {
    const told = ['sh', '-c', 'echo $$ >&3; exec "$@"', 'sh', ...argv]
    const terminal = await Terminal.open({ ...SIZE, ...options, argv: told })
    const chat = new ChatTerminal(terminal, Number(await terminal.told(1)))
    try {
      await terminal.until('a prompt', ({ cursor }) => cursor.row === '>')
      return chat
    } catch (error) {
      await chat[Symbol.asyncDispose]()
      throw error
    }
  }

  /** All that stands on the screen, and above it. */
  get text(): string {
    return this.#terminal.text
  }

  /** What stands below the last thing that was said. */
  get answer(): string {
    const { text } = this.#terminal
    const at = text.lastIndexOf(`\n> ${this.#said}\n`)
    return at < 0 ? '' : text.slice(at + this.#said.length + 4)
  }

  /** Types a message that was not typed before, and sends it. */
  say(text: string): void {
    this.#said = text
    this.#terminal.type(text)
    this.#terminal.press('enter')
  }

  /** Waits until the answer to the last message shows something. @throws {Error} with the screen when it does not */
  async sees(wanted: string | RegExp): Promise<void> {
    const isIn = (text: string) => (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text))
    await this.#terminal.until(`${wanted} as an answer to “${this.#said}”`, () => isIn(this.answer))
  }

  /** Waits until the screen shows something that nobody has asked for. */
  async shows(wanted: string | RegExp): Promise<void> {
    await this.#terminal.shows(wanted)
  }

  /** Says something, and waits until the answer shows something. */
  async ask(text: string, wanted: string | RegExp): Promise<void> {
    this.say(text)
    await this.sees(wanted)
  }

  /** Ends the program as a power cut would. */
  async kill(): Promise<void> {
    process.kill(this.#pid, 'SIGKILL')
    await within(this.#terminal.ended(), 'the end of the terminal')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#terminal[Symbol.asyncDispose]()
  }
}
