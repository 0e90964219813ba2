/** One event of a stream, as it was written. */
export interface SentEvent {
  readonly id: string | undefined
  readonly event: string
  readonly data: string
}

/** What a line of data has besides its value: many short lines are long, too. */
const LINE_CHARS = 'data: \n'.length

/**
 * Takes server-sent events out of text that comes in pieces. It keeps at most one unfinished event, and throws when that
 * grows beyond its bound.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class EventLines {
  readonly #charsMax: number
  readonly #decoder = new TextDecoder()
  #pieces: string[] = []
  #chars = 0
  #id: string | undefined
  #event = 'message'
  #data: string[] = []

  /** @param charsMax most characters of one event */
  constructor(charsMax: number) {
    this.#charsMax = charsMax
  }

  /** The events that are complete now. @throws {RangeError} when one is too long */
  read(bytes: Uint8Array): SentEvent[] {
    const text = this.#decoder.decode(bytes, { stream: true })
    this.#chars += text.length
    if (this.#chars > this.#charsMax) throw new RangeError(`An event has more than ${this.#charsMax} characters`)
    if (!text.includes('\n')) {
      this.#pieces.push(text)
      return []
    }
    const lines = [...this.#pieces, text].join('').split('\n')
    const rest = lines.pop() ?? ''
    this.#pieces = [rest]
    const events = lines.flatMap((line) => this.#take(line.endsWith('\r') ? line.slice(0, -1) : line))
    this.#chars = rest.length + this.#data.reduce((sum, each) => sum + each.length + LINE_CHARS, 0)
    return events
  }

  #take(line: string): SentEvent[] {
    if (line === '') return this.#finish()
    const colon = line.indexOf(':')
    // a line that begins with a colon is a comment
    if (colon === 0) return []
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') this.#data.push(value)
    else if (field === 'event') this.#event = value
    else if (field === 'id') this.#id = value
    return []
  }

  #finish(): SentEvent[] {
    const event = { id: this.#id, event: this.#event, data: this.#data.join('\n') }
    const isEmpty = this.#data.length === 0
    this.#data = []
    this.#event = 'message'
    return isEmpty ? [] : [event]
  }
}
