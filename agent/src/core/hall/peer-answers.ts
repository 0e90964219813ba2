import type { Conversations } from '../conversation.ts'
import type { AnswerPeer, GroupContext, PeerQuestion } from '../envelopes/ports.ts'
import type { Observe } from '../events.ts'
import { TaskError } from '../failures.ts'
import { BLOCKED_SENTENCE } from '../guard/check-text.ts'
import type { Guard } from '../guard/guard.ts'
import type { AskChain, Clock, TaskInput, Turn } from '../ports.ts'

/** What answering other agents takes. */
export interface PeerAnswerParts {
  /** This agent's own name, by which it finds what it said itself. */
  readonly self: string
  readonly ask: AskChain
  /** What the model is told of itself. */
  readonly system: string
  readonly guard: Guard
  readonly conversations: Conversations
  readonly clock: Clock
  readonly newId: () => string
  /** Longest work on one answer, in milliseconds. */
  readonly workMsMax: number
  readonly observe: Observe
}

/** Suspicion and memory go by the id that envelopes carry; in a group each author is somebody of its own. */
const toSenderId = ({ peer, group }: PeerQuestion): string =>
  group ? `group:${group.groupId}:${group.author}` : `peer:${peer?.agentId ?? 'unknown'}`

const nameOf = ({ peer, group }: PeerQuestion): string => group?.author ?? peer?.agentName ?? 'unknown'

/** What was said in a group before the question, as a model sees it: its own lines are its own. */
const toHistory = ({ transcript }: GroupContext, self: string): Turn[] =>
  transcript
    .slice(0, -1)
    .map(({ author, kind, text }) =>
      kind === 'agent' && author === self
        ? { role: 'assistant', text }
        : { role: 'user', text, sender: author, kind: kind === 'agent' ? 'peer' : 'human' },
    )

const describeGroup = (system: string): string =>
  [
    system,
    '',
    'This question was put to a group that you are a member of. Each member answers it once, for itself. What was said there before comes first, each message with its author. Do not speak for others and do not repeat what they said.',
  ].join('\n')

/**
 * Answers other agents and groups: as anybody else, after the guard, by the model, without any tool. What was said with a
 * peer is remembered; a group has its transcript.
 */
export const answerPeers = (parts: PeerAnswerParts): AnswerPeer => {
  const { self, ask, system, guard, conversations, clock, newId, workMsMax, observe } = parts
  const toTask = (question: PeerQuestion, history: readonly Turn[]): TaskInput => {
    const { conversationId, group, hops, intent, text } = question
    return {
      ...{ requestId: newId(), message: text, sender: nameOf(question), history, hops, conversationId },
      ...{ deadlineAt: clock.now() + workMsMax, attempt: 1, kind: intent === 'group-chat' ? 'human' : 'peer' },
      ...(group ? { system: describeGroup(system) } : {}),
    }
  }
  const askFor = async (task: TaskInput): Promise<string | undefined> => {
    try {
      const tools = { signal: new AbortController().signal, delta: () => undefined, progress: () => undefined }
      return (await ask(task, tools)).text
    } catch (error) {
      // the peer is told in our words that there is no answer; why is in the log of the chain
      if (error instanceof TaskError) return error.message
      throw error
    }
  }
  return async (question) => {
    const { group, peer, text } = question
    const sender = toSenderId(question)
    const verdict = guard.checkMessage({ sender, text, now: clock.now() })
    if (verdict.action === 'block') {
      observe({ type: 'peer.blocked', agentId: peer?.agentId ?? sender, rule: verdict.ruleId ?? 'unnamed' })
      return BLOCKED_SENTENCE
    }
    if (group) return askFor(toTask(question, toHistory(group, self)))
    const recollection = conversations.recall(sender, { system, text, sender: nameOf(question) })
    const answer = await askFor(toTask(question, recollection.turns))
    if (answer !== undefined) conversations.remember(recollection, answer)
    return answer
  }
}
