import type { AgentView, BroadcastResult, ErrorCode, HealthAnswer, TaskEvent, TaskView } from '@ai-comms/shared'

/**
 * Why a call of the hub failed: the hub's own code, or what befell the call: `unreachable` (nothing was sent) ·
 * `no_answer` (the line broke or the time was over, and the hub may have done it) · `bad_answer` (whoever answers speaks
 * another language) · `canceled` (we gave up).
 */
export type HubFailureCode = ErrorCode | 'unreachable' | 'no_answer' | 'bad_answer' | 'canceled'

/** What a failure carries besides its code and sentence. */
export interface HubFailureFacts {
  /** Near names, where the hub knows some. */
  readonly suggestions?: readonly string[]
  /** When the hub asks to try again, in milliseconds from now. */
  readonly retryAfterMs?: number
  /** Whether the same call may succeed later. */
  readonly isPassing?: boolean
  readonly cause?: unknown
}

/** A call of the hub that failed. The message is a sentence that a person may read, and holds no secret. */
export class HubCallError extends Error {
  override readonly name = 'HubCallError'
  readonly code: HubFailureCode
  readonly suggestions: readonly string[]
  readonly retryAfterMs: number | undefined
  readonly isPassing: boolean

  constructor(code: HubFailureCode, sentence: string, facts: HubFailureFacts = {}) {
    super(sentence, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.code = code
    this.suggestions = facts.suggestions ?? []
    this.retryAfterMs = facts.retryAfterMs
    this.isPassing = facts.isPassing ?? false
  }
}

/** Whom a task is for: an agent by its name, or whoever has a skill. */
export type TaskTarget = { readonly agent: string } | { readonly skill: string }

/** A task whose caller stays on the line. */
export interface HubTask {
  readonly target: TaskTarget
  readonly message: string
  /** Who asks, as its performer sees it: data, never a permission. */
  readonly sender: string
  /** How long the work may take, in milliseconds, within the bounds of the wire; the hub's own default unless set. */
  readonly timeoutMs?: number
}

/** A task that the hub keeps until it is done. */
export interface DurableHubTask extends HubTask {
  /** How long it may wait for its agent, in milliseconds; the hub's own default unless set. */
  readonly ttlMs?: number
  /** The same key with the same task is the same task, for a day: a call that broke may be made again. */
  readonly idempotencyKey: string
}

/** An agent's answer to a task. */
export interface AgentAnswer {
  readonly agent: string
  readonly response: string
  readonly taskId: string
}

/**
 * All that the core asks of the hub over REST. Every call is bounded in time and size, and fails with a
 * {@link HubCallError} alone. A signal that aborts makes it fail as `canceled`.
 */
export interface HubCalls {
  /** How the hub is; a hub that drains or has lost its storage answers too. */
  readHealth(): Promise<HealthAnswer>
  /** Everybody who is connected, in order of registration; an agent with several sessions is there several times. */
  listAgents(): Promise<readonly AgentView[]>
  /** Sends a task and stays on the line; who hangs up cancels it. */
  callAgent(task: HubTask, signal?: AbortSignal): Promise<AgentAnswer>
  /** Asks everybody; failures stand inside the results. */
  broadcast(message: string, sender: string): Promise<readonly BroadcastResult[]>
  /** Hands over a task that survives; it is on the hub's disk when this returns. */
  submitTask(task: DurableHubTask, signal?: AbortSignal): Promise<TaskView>
  /**
   * Follows a durable task over broken connections until it is over, and returns it as it ended. Nothing but the signal
   * bounds how long that takes.
   */
  watchTask(taskId: string, onEvent: (event: TaskEvent) => void, signal: AbortSignal): Promise<TaskView>
  /** Cancels a durable task; one that is over stays as it is. */
  cancelTask(taskId: string): Promise<TaskView>
}
