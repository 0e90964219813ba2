import { GUARD_BOUNDS } from './bounds.ts'
import { BLOCK_SCORE, BLOCKED_SENTENCE, checkJoined, checkText, type Verdict } from './check-text.ts'
import { Escalation } from './escalation.ts'
import { readFrames } from './read-frames.ts'

/** A message to be checked. */
export interface GuardedMessage {
  /** Who speaks: a person or a peer, as authenticated; suspicion is kept by it. */
  readonly sender: string
  readonly text: string
  /** Epoch milliseconds. */
  readonly now: number
  /** The sender's turns before this one, the oldest first; those that the guard remembers unless given. */
  readonly turns?: readonly string[]
}

/** What a guard may be told. */
export interface GuardOptions {
  /** How many senders are remembered at most. */
  readonly sendersMax?: number
}

/** The check of messages, with a memory of who tried what. */
export interface Guard {
  /** Checks a message alone, with the turns before it, and in the light of what its sender tried before. */
  readonly checkMessage: (message: GuardedMessage) => Verdict
  /** Forgets what a sender said and tried. */
  readonly forget: (sender: string) => void
}

/** Of two verdicts the surer one. */
const surer = (one: Verdict, other: Verdict): Verdict => (other.score > one.score ? other : one)

const escalate = (verdict: Verdict, pressure: number): Verdict => {
  if (verdict.action === 'block' || pressure === 0) return verdict
  const score = Math.min(1, verdict.score + pressure)
  if (score < BLOCK_SCORE) return { ...verdict, score }
  return { action: 'block', ruleId: 'sender.persists', score, sentence: BLOCKED_SENTENCE }
}

/**
 * A guard with a memory of its own. Not a boundary: rights are checked against
 * the person, whatever passes here.
 */
export const createGuard = ({ sendersMax = GUARD_BOUNDS.sendersMax }: GuardOptions = {}): Guard => {
  const escalation = new Escalation(sendersMax)
  return {
    checkMessage({ sender, text, now, turns }) {
      const alone = checkText(text)
      const before = turns ?? escalation.turnsOf(sender, now)
      // what is passed on of others is no turn of the sender
      const own = readFrames(text).outside
      const found =
        alone.action === 'block' || before.length === 0 ? alone : surer(alone, checkJoined([...before, own]))
      const verdict = escalate(found, escalation.pressureOn(sender, found.score, now))
      // a blocked turn is not read with later ones again, or one attack would block whatever follows
      if (verdict.action === 'block') escalation.remember(sender, '', found.score, now)
      else escalation.remember(sender, own, alone.score, now)
      return verdict
    },
    forget: (sender) => escalation.forget(sender),
  }
}
