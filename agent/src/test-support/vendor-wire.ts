/** A call of a tool as a model writes it, its input in pieces. */
export interface WireCall {
  readonly name: string
  readonly pieces: readonly string[]
}

/** How a vendor writes its streams: each member is text for the socket. */
export interface Wire {
  readonly name: 'openai' | 'anthropic' | 'ollama'
  readonly path: string
  /** What comes at once, before the model has begun. */
  readonly begin: string
  piece(text: string): string
  thought(text: string): string
  /** Calls of tools, one after the other. */
  calls(...calls: readonly WireCall[]): string
  /** The end: its reason (absent for a stream that forgets it), and what the answer cost. */
  end(reason?: 'stop' | 'length' | 'policy' | 'call'): string
  /** An error inside a stream. */
  error(message: string): string
  /** A piece that is cut in the middle. */
  readonly malformed: string
  /** The same answer in one piece, as a server that does not stream gives it. */
  whole(text: string): object
  /** Words and calls in one piece. */
  wholeCalls(text: string, ...calls: readonly { readonly name: string; readonly input: object }[]): object
  /** An error of the server, as the body of an answer. */
  errorBody(message: string): object
}

/** What every answer of these servers costs. */
export const USAGE = { inputTokens: 7, outputTokens: 2 } as const
