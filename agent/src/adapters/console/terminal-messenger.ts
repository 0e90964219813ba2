import { randomUUID } from 'node:crypto'
import type { Key } from 'node:readline'
import type { Chat } from '../../core/message.ts'
import type { MessageOutcome, MessageReceiver } from '../../core/messenger.ts'
import { findEdit, findWish, type Wish } from './bindings.ts'
import {
  CHARS_MAX,
  CONSOLE,
  CONSOLE_CHAT,
  type ConsoleMessenger,
  type ConsoleParts,
  toMessage,
} from './console-parts.ts'
import { type Draft, EDITS, EMPTY, insert, moveVertically } from './draft.ts'
import { Keyboard, type KeyListener } from './keyboard.ts'
import { toSentRows } from './layout.ts'
import { neutralise } from './neutralise.ts'
import { PastInputs } from './past-inputs.ts'
import { Screen } from './screen.ts'
import { Spinner } from './spinner.ts'

/** Asks the terminal to mark what is pasted. @see https://invisible-island.net/xterm/ctlseqs/ctlseqs.html */
const PASTE_MARKS = { on: '\u001b[?2004h', off: '\u001b[?2004l' }
/** Rows of a sent message that stay on the screen. */
const SENT_ROWS_MAX = 40

const WELCOME = 'Enter sends, Alt-Enter begins a line, Ctrl-C stops waiting, Ctrl-D leaves.'
const WORKING = 'working… (Ctrl-C stops waiting)'

/** A chat in a terminal: what is being typed stays whole while answers arrive above it. */
export class TerminalMessenger implements ConsoleMessenger, KeyListener {
  readonly name = CONSOLE
  readonly left: Promise<void>
  readonly #parts: ConsoleParts
  readonly #screen: Screen
  readonly #keyboard: Keyboard
  readonly #inputs: PastInputs
  readonly #spinner: Spinner
  readonly #leave: () => void
  #receiver: MessageReceiver | undefined
  #draft: Draft = EMPTY
  /** The key before this one was Ctrl-C: another one leaves. */
  #isWarned = false
  /** The person waits for what it sent last, and wants to see that it is worked on. */
  #isWaiting = true
  #isListening = false

  readonly #acts: Readonly<Record<Wish, () => void>> = {
    submit: () => this.#submit(),
    interrupt: () => this.#interrupt(),
    end: () => (this.#draft.text === '' ? this.#end() : this.#change(EDITS.eraseAfter(this.#draft))),
    older: () =>
      this.#change(moveVertically(this.#draft, -1) ?? this.#recall(this.#inputs.findOlder(this.#draft.text))),
    newer: () => this.#change(moveVertically(this.#draft, 1) ?? this.#recall(this.#inputs.findNewer())),
    clear: () => this.#screen.clear(),
    suspend: () => this.#suspend(),
  }

  constructor(parts: ConsoleParts) {
    this.#parts = parts
    this.#screen = new Screen(parts.output, parts.isColored)
    this.#keyboard = new Keyboard(parts.input, this)
    this.#inputs = new PastInputs(parts.inputsFile)
    this.#spinner = new Spinner((sign) => this.#screen.showWorking(sign && `${sign} ${parts.agent} is ${WORKING}`))
    const left = Promise.withResolvers<void>()
    this.left = left.promise
    this.#leave = left.resolve
  }

  get state(): string {
    return this.#receiver === undefined ? 'closed' : 'open'
  }

  async start(receiver: MessageReceiver): Promise<void> {
    const { agent, input, output } = this.#parts
    this.#receiver = receiver
    this.#screen.print(
      `${this.#screen.paint('bold', `Chat with ${neutralise(agent)}.`)}\n${this.#screen.paint('dim', WELCOME)}\n`,
    )
    this.#attempt('What was typed before cannot be read', () => this.#inputs.open())
    // a terminal that goes away is a person who leaves
    input.once('end', this.#end).once('error', this.#end)
    output.once('error', this.#end)
    process.once('exit', this.#restore)
    // keys are taken before there is a prompt: whoever sees it may press Ctrl-C at once
    this.#listen()
    this.#screen.open()
  }

  async send(chat: Chat, text: string): Promise<MessageOutcome> {
    if (chat.id !== CONSOLE || this.state === 'closed') return 'failed'
    const name = this.#screen.paint('name', `${neutralise(this.#parts.agent)}:`)
    this.#screen.print(`${name} ${neutralise(text).trimEnd()}\n`)
    return 'sent'
  }

  showWorking(chat: Chat, isWorking: boolean): void {
    if (chat.id !== CONSOLE || this.state === 'closed') return
    if (isWorking) {
      if (this.#isWaiting) this.#spinner.start()
    } else {
      this.#spinner.stop()
      this.#screen.showProgress(undefined)
    }
  }

  findChat(personId: string): Chat | undefined {
    return personId === CONSOLE ? CONSOLE_CHAT : undefined
  }

  async showProgress(chat: Chat, text: string): Promise<void> {
    if (chat.id === CONSOLE && this.state === 'open' && this.#isWaiting)
      this.#screen.showProgress(neutralise(text).trim() || undefined)
  }

  showNotice(text: string): void {
    this.#screen.print(this.#screen.paint('dim', neutralise(text).trimEnd()))
  }

  async stop(): Promise<void> {
    if (this.#receiver === undefined) return
    this.#end()
    this.#receiver = undefined
    this.#spinner.stop()
    this.#screen.close()
    process.off('exit', this.#restore)
  }

  takeText(text: string): void {
    const room = CHARS_MAX - this.#draft.text.length
    this.#isWarned = false
    if (text.length > room) this.showNotice(`A message has at most ${CHARS_MAX} characters; the rest was left out.`)
    // what is pasted is shown before it is sent
    this.#change(insert(neutralise(text.slice(0, room)))(this.#draft))
  }

  takeKey(key: Key): void {
    const wish = findWish(key)
    const edit = findEdit(key)
    if (wish !== 'interrupt') this.#isWarned = false
    if (wish !== undefined) this.#acts[wish]()
    else if (edit !== undefined) this.#change(edit(this.#draft))
  }

  #submit(): void {
    const { text, cut } = this.#draft
    if (text.trim() === '') return
    this.#change({ ...EMPTY, cut })
    const rows = toSentRows(text, this.#screen.cellsMax, SENT_ROWS_MAX)
    this.#screen.print(rows.map((row) => this.#screen.paint('bold', row)).join('\n'))
    this.#isWaiting = true
    this.#attempt('What is typed cannot be kept for the arrow keys', () => this.#inputs.add(text))
    const message = toMessage(randomUUID(), text, this.#parts.clock.now())
    this.#receiver?.receiveMessage(message).catch((error: unknown) => this.#complain('This was not taken', error))
  }

  #interrupt(): void {
    if (this.#isWarned) {
      this.#end()
      return
    }
    this.#isWarned = true
    if (this.#spinner.isTurning) {
      this.showWorking(CONSOLE_CHAT, false)
      this.#isWaiting = false
      this.showNotice('No longer waiting; if the answer still comes, it is shown. Ctrl-C again leaves.')
      this.#parts.cancel?.(CONSOLE_CHAT)
    } else {
      this.#change({ ...EMPTY, cut: this.#draft.text || this.#draft.cut })
      this.showNotice('Ctrl-C again leaves, and so does Ctrl-D.')
    }
  }

  /** Leaves the terminal as it was found, to come back as it was left. */
  #suspend(): void {
    this.#screen.close()
    this.#ignore()
    process.once('SIGCONT', () => {
      if (this.state === 'closed') return
      this.#listen()
      this.#screen.open()
      this.#screen.showDraft(this.#draft)
    })
    // the whole group, as the terminal itself does it: a script runner waits above this process
    process.kill(0, 'SIGTSTP')
  }

  #listen(): void {
    this.#isListening = true
    this.#keyboard.open()
    this.#parts.output.write(PASTE_MARKS.on)
  }

  #ignore(): void {
    if (!this.#isListening) return
    this.#isListening = false
    this.#keyboard.close()
    this.#restore()
  }

  /** What the process must not leave behind, however it ends. Node itself ends the raw mode. */
  readonly #restore = (): void => {
    this.#parts.output.write(PASTE_MARKS.off)
  }

  /** From here on keys are the terminal's again, so that Ctrl-C ends a process that takes long to finish. */
  readonly #end = (): void => {
    this.#ignore()
    this.#leave()
  }

  #change(draft: Draft): void {
    this.#draft = draft
    this.#screen.showDraft(draft)
  }

  #recall(input: string | undefined): Draft {
    if (input === undefined) return this.#draft
    const text = neutralise(input)
    return { ...this.#draft, text, cursor: text.length }
  }

  #attempt(sentence: string, act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#complain(sentence, error)
    }
  }

  #complain(sentence: string, error: unknown): void {
    this.showNotice(`${sentence}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
