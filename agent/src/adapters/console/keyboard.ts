import { emitKeypressEvents, type Key } from 'node:readline'
import { findText, findWish } from './bindings.ts'

/** A terminal that keys come from. */
export interface KeyInput extends NodeJS.ReadableStream {
  setRawMode(isRaw: boolean): unknown
}

/** Who is told what is typed. */
export interface KeyListener {
  /** A text that was typed or pasted; its line ends are `\n`. */
  takeText(text: string): void
  takeKey(key: Key): void
}

/**
 * What follows an Enter sooner than this, in milliseconds, was not typed after it: a terminal that does not mark what
 * is pasted sends its lines in one burst.
 */
const BURST_MS = 15
/** A paste whose end is not marked within this, in milliseconds after its last character, is over all the same. */
const PASTE_IDLE_MS = 1_000

/**
 * The keys of a terminal, with what is pasted told apart from what is typed: Enter within a paste is a line end of the
 * text and sends nothing, whether the terminal marks pastes or not.
 */
export class Keyboard {
  readonly #input: KeyInput
  readonly #listener: KeyListener
  #pasted: string[] | undefined
  #timer: NodeJS.Timeout | undefined
  /** An Enter of which it is not known yet whether it ends a message or a line. */
  #enter: Key | undefined

  constructor(input: KeyInput, listener: KeyListener) {
    this.#input = input
    this.#listener = listener
  }

  open(): void {
    emitKeypressEvents(this.#input)
    this.#input.setRawMode(true)
    this.#input.on('keypress', this.#takeKeypress)
    this.#input.resume()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#enter = undefined
    this.#pasted = undefined
    this.#input.off('keypress', this.#takeKeypress)
    this.#input.setRawMode(false)
    this.#input.pause()
  }

  readonly #takeKeypress = (text: string | undefined, key: Key): void => {
    if (key.name === 'paste-start') {
      this.#settleEnter()
      this.#pasted ??= []
    } else if (this.#pasted !== undefined) {
      this.#takePasted(this.#pasted, text, key)
      return
    } else {
      this.#takeTyped(text, key)
      return
    }
    this.#endPasteLater()
  }

  #takePasted(pasted: string[], text: string | undefined, key: Key): void {
    if (key.name === 'paste-end') {
      this.#endPaste()
      return
    }
    pasted.push(text ?? key.sequence ?? '')
    this.#endPasteLater()
  }

  #endPasteLater(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#endPaste(), PASTE_IDLE_MS)
  }

  #endPaste(): void {
    clearTimeout(this.#timer)
    const text = this.#pasted?.join('') ?? ''
    this.#pasted = undefined
    this.#listener.takeText(text.replace(/\r\n?/g, '\n'))
  }

  #takeTyped(text: string | undefined, key: Key): void {
    const typed = findText(text, key)
    const isEnter = findWish(key) === 'submit'
    if (this.#enter !== undefined && (typed !== undefined || isEnter)) {
      clearTimeout(this.#timer)
      // the two halves of a Windows line end are one
      const isHalf = this.#enter.name === 'return' && key.name === 'enter'
      this.#enter = isHalf ? this.#enter : undefined
      if (!isHalf) this.#listener.takeText('\n')
    } else {
      this.#settleEnter()
    }
    if (isEnter) {
      this.#enter = key
      this.#timer = setTimeout(() => this.#settleEnter(), BURST_MS)
    } else if (typed === undefined) {
      this.#listener.takeKey(key)
    } else {
      this.#listener.takeText(typed)
    }
  }

  /** Nothing came right after it: it was pressed to send. */
  #settleEnter(): void {
    const enter = this.#enter
    if (enter === undefined) return
    clearTimeout(this.#timer)
    this.#enter = undefined
    this.#listener.takeKey(enter)
  }
}
