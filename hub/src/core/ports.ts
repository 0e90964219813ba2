import type { CloseReason, HubFrame, HubFrameOf, PresenceFrame } from '@ai-comms/shared'
import type { CredentialEnd, Grant, TokenGrant } from './grant.ts'
import type { EndedTask, LiveTask } from './task.ts'

/** What became of a frame: written to the socket's queue, or the socket takes nothing any more. */
export type Delivery = 'sent' | 'offline'

/** One session's way out to its agent. Nothing here throws and nothing waits. */
export interface Transport {
  send(frame: HubFrame): Delivery
  /** Writes bytes that are whole frames already; many sessions may share them. */
  write(frames: Uint8Array): Delivery
  /** Bytes written but not yet taken by the network. */
  readonly bufferedBytes: number
  /** So much is not taken yet that what can wait should. */
  readonly isBacklogged: boolean
  /** Asks the agent for a sign of life below the frames. */
  ping(): void
  /** Says goodbye with a close code, and cuts the connection if the agent does not answer soon. */
  close(reason: CloseReason): void
  /** Cuts the connection without a word. */
  terminate(): void
}

/**
 * Tells presence to everybody. A member sees just the events announced after
 * it joined and before it left. Events may be gathered for a moment, and are
 * lost to members that cannot keep up.
 */
export interface Presence {
  join(member: Transport): void
  leave(member: Transport): void
  announce(frame: PresenceFrame): void
  /** Writes what is still gathered. */
  flush(): void
}

/** Time that no change of the wall clock touches. */
export interface Clock {
  /** Monotonic milliseconds since some fixed moment. */
  now(): number
  /** The wall-clock time, in epoch milliseconds, of a monotonic moment. */
  toEpochMs(at: number): number
}

/** Who waits for a task; each is told at most one end. */
export interface TaskWatcher {
  ended(task: EndedTask): void
  /** It went to another session, or waits for one. */
  moved?(task: LiveTask): void
  progressed?(progress: { readonly message?: string | undefined; readonly percent?: number | undefined }): void
  delta?(delta: { readonly seq: number; readonly text: string }): void
}

/**
 * What came of a look at a credential. One that has ended was right once and
 * is no attempt to guess; `unavailable` means that it cannot be looked at now.
 */
export type Verdict =
  | { readonly kind: 'right'; readonly grant: Grant }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'ended'; readonly grant: TokenGrant; readonly why: CredentialEnd }
  | { readonly kind: 'unavailable' }

/** Checks what somebody shows at the door. */
export interface Credentials {
  /** False in development without a secret: everybody on this machine is let in. */
  readonly isRequired: boolean
  /** Never fails; a promise only where a signature has to be verified first. */
  check(secret: string): Verdict | Promise<Verdict>
  /** Why a grant that was given has ended since, or undefined while it holds. Costs next to nothing. */
  findEnd(grant: Grant): CredentialEnd | undefined
}

/** A task frame. */
export type TaskFrame = HubFrameOf<'task'>
