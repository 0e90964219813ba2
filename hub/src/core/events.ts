import type { ErrorCode, TerminalTaskState } from '@ai-comms/shared'
import type { CredentialEnd } from './grant.ts'

/**
 * Everything worth telling that happens in the hub: the one vocabulary of
 * logs and counts. Events carry ids, codes and sizes, never a
 * message's text, a secret or an address book.
 */
export type HubEvent =
  | { readonly type: 'session.opened'; readonly sessionId: string; readonly agent: string; readonly level: number }
  | { readonly type: 'session.replaced'; readonly sessionId: string; readonly agent: string; readonly by: string }
  | { readonly type: 'session.closed'; readonly sessionId: string; readonly agent: string; readonly heldTasks: number }
  | { readonly type: 'session.silent'; readonly sessionId: string; readonly agent: string; readonly silentMs: number }
  | {
      readonly type: 'session.slow'
      readonly sessionId: string
      readonly bufferedBytes: number
      readonly stalledMs: number
    }
  | { readonly type: 'session.flooding'; readonly sessionId: string; readonly agent: string }
  | {
      readonly type: 'registration.refused'
      readonly code: ErrorCode
      readonly detail: string
      readonly address: string
    }
  | {
      readonly type: 'connection.refused'
      readonly reason: 'origin' | 'address-full' | 'draining' | 'made-room'
      readonly address: string
    }
  | { readonly type: 'login.failed'; readonly address: string; readonly locked: boolean }
  | {
      readonly type: 'login.ended'
      readonly address: string
      readonly jti: string
      readonly name: string
      readonly why: CredentialEnd
    }
  | {
      readonly type: 'session.credential-ended'
      readonly sessionId: string
      readonly agent: string
      readonly jti: string
      readonly why: CredentialEnd
    }
  | { readonly type: 'token.revoked'; readonly jti: string; readonly name: string }
  | { readonly type: 'tokens.trouble'; readonly detail: string }
  | { readonly type: 'frame.refused'; readonly sessionId: string; readonly agent: string; readonly code: ErrorCode }
  | { readonly type: 'message.relayed'; readonly from: string; readonly target: string }
  | { readonly type: 'task.dispatched'; readonly taskId: string; readonly agent: string; readonly attempt: number }
  | { readonly type: 'task.released'; readonly taskId: string; readonly agent: string }
  | {
      readonly type: 'task.ended'
      readonly taskId: string
      readonly agent: string | undefined
      readonly state: TerminalTaskState
      readonly code: ErrorCode | undefined
      readonly tookMs: number
    }
  | { readonly type: 'storage.opened'; readonly openTasks: number; readonly boot: number }
  | { readonly type: 'storage.note'; readonly note: string }
  | { readonly type: 'storage.failed'; readonly trouble: string; readonly error: unknown }
  | { readonly type: 'storage.recovered' }
  | { readonly type: 'tasks.purged'; readonly tasks: number }
  | { readonly type: 'hub.draining'; readonly tasks: number; readonly sessions: number }
  | { readonly type: 'hub.stalled'; readonly gapMs: number }
  | { readonly type: 'internal.error'; readonly where: string; readonly error: unknown }

/** Tells an event to whoever counts or logs; never throws. */
export type Observe = (event: HubEvent) => void
