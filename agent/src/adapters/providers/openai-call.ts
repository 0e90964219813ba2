import type { ToolCall } from '../../core/ports.ts'
import { toFields } from './answer-fields.ts'
import { CallPieces } from './call-pieces.ts'

/** A piece of a call; its place, and its id where it has one, tell it from pieces of others. */
interface Piece {
  readonly place: number
  readonly id: string
  readonly name: unknown
  readonly input: unknown
}

const toPiece = (piece: unknown, position: number): Piece => {
  const { index, id, function: called } = toFields(piece)
  const { name, arguments: input } = toFields(called)
  return { place: typeof index === 'number' ? index : position, id: typeof id === 'string' ? id : '', name, input }
}

/**
 * The first call of an answer, from the `tool_calls` of its pieces or of its whole; the others are let go. Google leaves
 * the index out or does not count it up, so that another call may begin in the place of the first
 * (https://github.com/NousResearch/hermes-agent/issues/62937, https://github.com/open-webui/computer/issues/224).
 */
export class OpenAiCall {
  readonly #pieces = new CallPieces()
  #place: number | undefined
  #id = ''
  /** Another call has begun in its place. */
  #isOver = false

  /** Whether its input is longer than any that is taken. */
  get isTooLong(): boolean {
    return this.#pieces.isTooLong
  }

  /** Takes what stands in `tool_calls`. Tells whether there was anything. */
  take(calls: unknown): boolean {
    if (!Array.isArray(calls)) return false
    for (const piece of calls.map(toPiece)) {
      if (this.#isOfFirst(piece)) this.#pieces.add(piece.name, piece.input)
    }
    return calls.length > 0
  }

  /** The call, if there is one. */
  toCall(isCut: boolean): ToolCall | 'broken' | undefined {
    return this.#pieces.toCall(isCut)
  }

  #isOfFirst({ place, id, name }: Piece): boolean {
    this.#place ??= place
    if (place !== this.#place) return false
    if (id !== '' && id === this.#id) return true
    const isNamedAnew = typeof name === 'string' && name !== '' && this.#pieces.hasInput
    if (isNamedAnew || (id !== '' && this.#id !== '')) this.#isOver = true
    if (!this.#isOver && id !== '') this.#id = id
    return !this.#isOver
  }
}
