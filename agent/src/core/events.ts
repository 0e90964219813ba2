import type { PeerAudit } from './envelopes/events.ts'
import type { TeamEvent } from './team/events.ts'

/**
 * Why a provider gave no answer, decided where it is known:
 * `auth` (key, account, billing, or a model not open to it) · `rate-limit` · `overload` (it failed by itself) · `network` ·
 * `timeout` · `context` (the prompt is too long) · `policy` (it will not answer this) · `invalid` (it does not understand
 * what we send) · `truncated` (an answer without an end, or with nothing in it) · `canceled` (we gave up).
 */
export type ProviderErrorKind =
  | 'auth'
  | 'rate-limit'
  | 'overload'
  | 'network'
  | 'timeout'
  | 'context'
  | 'policy'
  | 'invalid'
  | 'truncated'
  | 'canceled'

/** Tokens that one attempt has cost. */
export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
}

/** What the link tells about itself. */
export type LinkEvent =
  | { readonly type: 'link.connecting'; readonly attempt: number }
  | { readonly type: 'link.online'; readonly agentId: string; readonly protocol: number; readonly held: number }
  | { readonly type: 'link.lost'; readonly code: number; readonly why: string; readonly waitMs: number }
  | { readonly type: 'link.stopped'; readonly because: string; readonly byOwner: boolean }
  | { readonly type: 'link.refused'; readonly code: string; readonly error: string; readonly taskId?: string }
  | { readonly type: 'link.frame-received'; readonly frame: string; readonly chars: number }
  | { readonly type: 'link.frame-ignored'; readonly why: string }
  | { readonly type: 'outbox.dropped'; readonly frames: number; readonly why: string }

/** What happens to tasks. Never their text. */
export type TaskEvent =
  | { readonly type: 'task.begun'; readonly taskId: string; readonly attempt: number; readonly waitedMs: number }
  | { readonly type: 'task.completed'; readonly taskId: string; readonly workMs: number; readonly chars: number }
  | { readonly type: 'task.failed'; readonly taskId: string; readonly code: string; readonly retryable: boolean }
  | { readonly type: 'task.broken'; readonly taskId: string; readonly err: unknown }
  | { readonly type: 'task.late'; readonly taskId: string; readonly lateMs: number }
  | { readonly type: 'task.canceled'; readonly taskId: string; readonly reason: string }
  | { readonly type: 'task.joined'; readonly taskId: string; readonly attempt: number }
  | { readonly type: 'task.repeated'; readonly taskId: string; readonly attempt: number }
  | { readonly type: 'task.resumed'; readonly taskId: string; readonly attempt: number; readonly attemptBefore: number }
  | { readonly type: 'agent.draining'; readonly running: number; readonly handedBack: number }

/** What becomes of the storage. `code` is its own word, such as `SQLITE_FULL`. */
export type StorageEvent =
  | { readonly type: 'storage.failed'; readonly code: string; readonly err: unknown }
  | { readonly type: 'storage.recovered'; readonly failedMs: number }
  | { readonly type: 'storage.lost'; readonly answers: number }

/** What every attempt tells of itself. */
export interface AttemptFacts {
  readonly taskId: string
  readonly provider: string
  readonly model: string
  /** From the question to its end, in milliseconds. */
  readonly workMs: number
  /** From the question to the first piece of an answer, in milliseconds, if there was one. */
  readonly firstPieceMs?: number
  /** Absent where nothing is known and nothing was seen that could be estimated. */
  readonly usage?: Usage
  /** The vendor did not say what it cost, so the text was measured. */
  readonly isEstimate?: true
  /** In the currency of the prices that are configured. */
  readonly cost?: number
}

/** What the providers do. Vendors repeat keys and prompts in their messages, so only their codes are told. */
export type ProviderEvent =
  | ({ readonly type: 'provider.answered'; readonly cutShort: boolean } & AttemptFacts)
  | ({
      readonly type: 'provider.failed'
      readonly kind: ProviderErrorKind
      readonly status?: number
      readonly vendorCode?: string
      readonly retryAfterMs?: number
    } & AttemptFacts)
  | {
      readonly type: 'provider.resting'
      readonly provider: string
      readonly model: string
      readonly why: ProviderErrorKind
      readonly restMs: number
    }
  | { readonly type: 'provider.awake'; readonly provider: string; readonly model: string }

/** What becomes of the day's budget of tokens. */
export type BudgetEvent =
  | { readonly type: 'budget.spent'; readonly day: string; readonly tokens: number; readonly tokensMax: number }
  | { readonly type: 'budget.unsaved'; readonly code: string; readonly err: unknown }

/** What becomes of the agent's memory of people. Never their text. */
export type MemoryEvent =
  | {
      readonly type: 'memory.unsaved'
      readonly what: 'conversations' | 'seen'
      readonly code: string
      readonly err: unknown
    }
  | { readonly type: 'memory.lost'; readonly exchanges: number }

/** What becomes of the audit trail itself. */
export type AuditEvent =
  | { readonly type: 'audit.failed'; readonly code: string; readonly err: unknown }
  | { readonly type: 'audit.recovered'; readonly lost: number }
  | { readonly type: 'audit.torn'; readonly file: string; readonly bytes: number }
  | { readonly type: 'audit.unreadable'; readonly file: string }

/** What becomes of the messages of people. Never their text, never who they are. */
export type MessageEvent =
  | { readonly type: 'message.refused'; readonly channel: string; readonly why: string }
  | { readonly type: 'message.blocked'; readonly channel: string; readonly rule: string }
  | {
      readonly type: 'message.answered'
      readonly channel: string
      readonly workMs: number
      readonly chars: number
    }
  | { readonly type: 'message.failed'; readonly channel: string; readonly code: string }
  | { readonly type: 'message.broken'; readonly channel: string; readonly err: unknown }
  | { readonly type: 'message.unsent'; readonly channel: string }
  | { readonly type: 'command.ran'; readonly channel: string; readonly command: string; readonly outcome: string }

/** What a human channel tells of itself, in its own words: states, codes, ids, times. Never a text or an address. */
export interface ChannelEvent {
  readonly type: 'channel.told'
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** A constant sentence. */
  readonly what: string
  readonly facts: Readonly<Record<string, unknown>>
}

/** The agent's own account at a channel lets it in, has sent it away, or refuses it. */
export interface LoginEvent {
  readonly type: 'channel.login'
  readonly channel: string
  readonly outcome: 'in' | 'out' | 'refused'
}

/** What the guard does with texts of agents and tasks, and with answers. */
export type GuardEvent =
  | { readonly type: 'task.blocked'; readonly taskId: string; readonly rule: string }
  | { readonly type: 'peer.blocked'; readonly agentId: string; readonly rule: string }
  | {
      readonly type: 'answer.stopped'
      readonly taskId: string
      readonly rule: string
      readonly action: 'redact' | 'block'
    }

/** All that an agent tells; the one vocabulary of logs, counts and whoever embeds it. */
export type AgentEvent =
  | LinkEvent
  | TaskEvent
  | StorageEvent
  | ProviderEvent
  | BudgetEvent
  | MemoryEvent
  | AuditEvent
  | MessageEvent
  | ChannelEvent
  | LoginEvent
  | GuardEvent
  | TeamEvent
  | PeerAudit

/** Takes an event to whoever counts or logs it. */
export type Observe = (event: AgentEvent) => void
