import { CLOSE_CODES, fullJitterMs, LIMITS, toReconnect } from '@ai-comms/shared'

/** Waits of the reconnect, in milliseconds. */
export interface ReconnectBounds {
  readonly baseMs: number
  readonly capMs: number
  /** How long a link must hold before the waits start anew. */
  readonly stableMs: number
  /** Least wait after a close code that says back off. */
  readonly backOffMsMin: number
  /** Least wait after the hub locked this address out. */
  readonly lockedOutMsMin: number
}

/** The waits of the wire contract. */
export const RECONNECT_BOUNDS: ReconnectBounds = {
  baseMs: LIMITS.RECONNECT_BASE_MS,
  capMs: LIMITS.RECONNECT_CAP_MS,
  stableMs: LIMITS.RECONNECT_STABLE_MS,
  backOffMsMin: 10_000,
  lockedOutMsMin: 60_000,
}

/** How a socket ended. */
export interface Loss {
  readonly code: number
  /** The number of the attempt whose socket it was. */
  readonly attempt: number
  /** How long the link was online, in milliseconds; 0 when it never was. */
  readonly onlineMs: number
  /** What the hub said before it closed. */
  readonly refusal?: string | undefined
}

/** What to do after a loss: stop for good, or try again as the n-th attempt after a wait. */
export type AfterLoss = { readonly stop: string } | { readonly waitMs: number; readonly attempt: number }

const { unauthorized, replaced, registerRefused, lockedOut } = CLOSE_CODES

const toStopSentence = (code: number, refusal: string | undefined): string => {
  switch (code) {
    case unauthorized.code:
      return `The hub refused the secret (close code ${code}); check that AGENT_HUB_SECRET is the hub's HUB_SECRET, or a valid token of this agent's name, and start the agent again.`
    case replaced.code:
      return `Another process took this agent's place (close code ${code}): it runs with the same instance id, so both use one DATA_DIR or a copy of it; stop one of them, or delete the instance-id in one's DATA_DIR.`
    case registerRefused.code:
      return `The hub refused the registration (close code ${code})${refusal === undefined ? '' : `: ${refusal}`} Check AGENT_NAME, AGENT_WORKSPACE, AGENT_SKILLS and AGENT_DESCRIPTION, and start the agent again.`
    default:
      return `The hub ended the session for good (close code ${code}); a person must look at it.`
  }
}

/** Whether trying again can only fail: the hub says stop, or it will refuse the same registration again. */
const isHopeless = (code: number): boolean => toReconnect(code) === 'stop' || code === registerRefused.code

const toLeastWait = (code: number, bounds: ReconnectBounds): number => {
  if (code === lockedOut.code) return bounds.lockedOutMsMin
  return toReconnect(code) === 'reconnect' ? 0 : bounds.backOffMsMin
}

/**
 * Decides what follows a lost socket. The wait is drawn with full jitter on top of the least wait that the close code
 * asks for, so that a thousand agents that lost one hub do not return in step.
 *
 * @param random a number in [0, 1), as `Math.random` gives
 */
export const decideAfterLoss = (loss: Loss, bounds: ReconnectBounds, random: number): AfterLoss => {
  if (isHopeless(loss.code)) return { stop: toStopSentence(loss.code, loss.refusal) }
  const attempt = loss.onlineMs >= bounds.stableMs ? 0 : loss.attempt
  return { waitMs: toLeastWait(loss.code, bounds) + fullJitterMs(attempt, bounds, random), attempt: attempt + 1 }
}
