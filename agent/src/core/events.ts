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
  | { readonly type: 'link.online'; readonly agentId: string; readonly level: number; readonly held: number }
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

/** What the providers do. Vendors repeat keys and prompts in their messages, so only their codes are told. */
export type ProviderEvent =
  | {
      readonly type: 'provider.answered'
      readonly taskId: string
      readonly provider: string
      readonly model: string
      readonly workMs: number
      readonly cutShort: boolean
      readonly usage?: Usage
    }
  | {
      readonly type: 'provider.failed'
      readonly taskId: string
      readonly provider: string
      readonly model: string
      readonly workMs: number
      readonly kind: ProviderErrorKind
      readonly status?: number
      readonly vendorCode?: string
      readonly retryAfterMs?: number
    }

/** All that an agent tells; the one vocabulary of logs, counts and whoever embeds it. */
export type AgentEvent = LinkEvent | TaskEvent | StorageEvent | ProviderEvent

/** Takes an event to whoever counts or logs it. */
export type Observe = (event: AgentEvent) => void
