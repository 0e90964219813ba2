import type { AgentFrameInput } from '@ai-comms/shared'
import type { Usage } from './events.ts'

/** Calls off what was to happen later; harmless when it has happened. */
export type CallOff = () => void

/** The time, and an alarm: the core has neither clock nor timers of its own. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Calls `act` once, `delayMs` milliseconds from now, whatever the wall clock does meanwhile. */
  after(delayMs: number, act: () => void): CallOff
}

/** What became of a frame: written, kept for the next link, or let go because nobody would miss it. */
export type SendOutcome = 'sent' | 'held' | 'dropped'

/** Frames that are about a task. */
export type TaskReply = Extract<AgentFrameInput, { requestId: string }>

/** The frame that ends a task. */
export type Answer = Extract<TaskReply, { type: 'task-response' | 'task-error' }>

/** The way back to the hub, over whatever socket is the newest. */
export interface ReplyLink {
  send(frame: TaskReply): SendOutcome
}

/** Bounds of a journal. */
export interface JournalBounds {
  /** Most answers that are kept, and as many tasks that are not answered. */
  readonly tasksMax: number
  /** Most characters of all answers together. */
  readonly charsMax: number
  /** How long an answer, or a task that nobody finished, is kept, in milliseconds. */
  readonly keepMs: number
}

/** What a journal knows of a task; `attempt` is the delivery that was accepted or answered. */
export type TaskRecord =
  | { readonly state: 'accepted'; readonly attempt: number }
  | { readonly state: 'ended'; readonly attempt: number; readonly answer: Answer }

/**
 * Where the agent writes down what it has taken on and how it ended. What a call has written is kept when it returns.
 * Every one of them but `close` throws a {@link StorageError} when the storage does not serve; then nothing has changed.
 */
export interface TaskJournal {
  /** What is known of a task, if it is not older than the bounds say. */
  find(requestId: string, now: number): TaskRecord | undefined
  /** Writes down that a delivery was accepted; an answer to an earlier one is let go. */
  accept(requestId: string, attempt: number, now: number): void
  /**
   * Writes down how a task ended; the answers that ended first make room. An answer that is larger than all the room is
   * not kept.
   */
  end(answer: Answer, attempt: number, now: number): void
  /** Strikes out tasks that nobody waits for any more. Answers stay. */
  forget(requestIds: readonly string[]): void
  /** Lets go of some of what is older than the bounds say; tells whether there is more of it. */
  purge(now: number): boolean
  /** Writes something without meaning, to learn whether writing works. */
  probe(): void
  close(): void
}

/** Tokens of one provider's model on one day. */
export interface Spending {
  readonly provider: string
  readonly model: string
  readonly usage: Usage
}

/**
 * Where the agent writes down what its providers cost. A day is such as `2026-01-31`, in UTC. Each call throws a
 * {@link StorageError} when the storage does not serve; then nothing has changed.
 */
export interface TokenLedger {
  /** What a day has cost so far, one entry per provider and model. */
  read(day: string): readonly Spending[]
  /** Adds to a day; what is older than its bounds is let go. */
  add(day: string, spending: Spending): void
}

/** Where a text of somebody else comes from: a person, another agent, a quotation, a tool, or an earlier step of a team. */
export type UntrustedKind = 'human' | 'peer' | 'quoted' | 'tool' | 'step'

/** One turn of a conversation. */
export interface Turn {
  readonly role: 'user' | 'assistant'
  readonly text: string
  readonly sender?: string
  /** What a user's turn is, for the frame around it; a person's message unless set. */
  readonly kind?: UntrustedKind
  /** This agent has written the text itself, with frames around all that is not its own. */
  readonly isFramed?: true
}

/** Something that a model may ask for in place of an answer in words. */
export interface Tool {
  readonly name: string
  readonly description: string
  /** A JSON schema of an object. */
  readonly parameters: Readonly<Record<string, unknown>>
}

/** What a model asks for: data, checked by whoever offers the tool, and done under the rights of the person alone. */
export interface ToolCall {
  readonly tool: string
  readonly input: unknown
}

/** A task as its performer sees it. */
export interface TaskInput {
  readonly requestId: string
  readonly message: string
  /** The sender's own word: data, never a permission. */
  readonly sender: string
  /** When the work must be done, in epoch milliseconds. */
  readonly deadlineAt: number
  readonly attempt: number
  readonly conversationId?: string
  /** What was said before in the conversation, the oldest first, where somebody keeps it. */
  readonly history?: readonly Turn[]
  readonly hops?: number
  readonly traceparent?: string
  /** What the message is, for the frame around it; a person's message unless set. */
  readonly kind?: UntrustedKind
  /** This agent has written the message itself, with frames around all that is not its own. */
  readonly isFramed?: true
  /** Instructions for the model in place of the agent's usual ones. */
  readonly system?: string
  /** What the model may ask for in place of an answer. */
  readonly tools?: readonly Tool[]
}

/** What a performer may use while it works. */
export interface TaskTools {
  /** Aborted when the task is canceled, past its deadline, or handed back. */
  readonly signal: AbortSignal
  /** A piece of the answer, for those who watch it grow; the whole answer is returned all the same. */
  delta(text: string): void
  /** A sign of life, with a note of at most 4096 characters or a percentage. */
  progress(note: { readonly message?: string; readonly percent?: number }): void
}

/** Does the work of a task: the providers' chain, or someone's own function. */
export type Performer = (task: TaskInput, tools: TaskTools) => Promise<string>

/** What came of asking the chain: words, or the wish for a tool, of which then there are none. */
export interface ChainAnswer {
  readonly text: string
  readonly call?: ToolCall
}

/** Asks the providers' chain. @throws {TaskError} when nobody could answer */
export type AskChain = (task: TaskInput, tools: TaskTools) => Promise<ChainAnswer>

/** What a provider is asked. */
export interface Prompt {
  readonly system: string
  readonly turns: readonly Turn[]
  readonly tools?: readonly Tool[]
}

/** A provider's answer. `cutShort` when it ended at the configured number of tokens. */
export interface Completion {
  /** With a call, what the model said beside it. */
  readonly text: string
  readonly call?: ToolCall
  readonly cutShort: boolean
  readonly usage?: Usage
}

/** How an answer is asked for. */
export interface CompletionOptions {
  readonly signal: AbortSignal
  /** When the answer must be complete, in epoch milliseconds. */
  readonly deadlineAt: number
  /** Called with each piece of the answer as it comes; with an empty one for a piece that is not to be seen. */
  onText(text: string): void
}

/** An AI vendor. */
export interface Provider {
  readonly name: string
  readonly model: string
  /** Tells accounts apart without telling the key; what is known of one key is not held against another. */
  readonly keyId?: string
  /** @throws {ProviderError} when there is no whole answer */
  complete(prompt: Prompt, options: CompletionOptions): Promise<Completion>
}
