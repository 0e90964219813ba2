import type { ActionBook } from '../commands/actions.ts'
import type { Speaker } from '../commands/command.ts'
import type { CommandLine } from '../commands/command-line.ts'
import type { CommandOutcome } from '../commands/run-command.ts'
import type { Conversations } from '../conversation.ts'
import { toComparable } from '../identity.ts'
import type { Chat, InboundMessage } from '../message.ts'
import type { AskChain, Clock, TaskInput, Turn } from '../ports.ts'
import type { Frame } from '../team/ask.ts'

/** What talking takes. */
export interface TalkParts {
  readonly ask: AskChain
  /** What the model is told of itself: it takes room beside what is remembered. */
  readonly system: string
  readonly conversations: Conversations
  /** What a model may do in a person's name. */
  readonly actions: ActionBook
  /** Reads the few sentences that are understood without a model. */
  readonly readPhrase: (text: string, speaker: Speaker) => CommandLine | undefined
  /** Whether there is a model that can be asked at the moment. */
  readonly hasModel: () => boolean
  readonly frame: Frame
  readonly clock: Clock
  readonly newId: () => string
  /** Longest work on one answer, in milliseconds. */
  readonly workMsMax: number
}

/** How the hall looks after one answer. */
export interface TalkWays {
  readonly speaker: Speaker
  readonly signal: AbortSignal
  readonly progress: (text: string) => void
  /** Does a command under the rights of whoever wrote the message. */
  readonly obey: (line: CommandLine) => Promise<CommandOutcome>
}

/** The person at a terminal has no name of its own. */
const nameOf = ({ sender }: InboundMessage): string =>
  sender.name ?? (sender.id === 'console' ? 'the owner of this agent' : 'somebody')

/** In a group of a channel others read along, so nothing that was said elsewhere is remembered there. */
export const toMemoryId = (personId: string, chat: Chat): string =>
  chat.isGroup ? `${personId} in ${chat.id}` : personId

const toQuoted = ({ quote }: InboundMessage): Turn[] =>
  quote === undefined ? [] : [{ role: 'user', kind: 'quoted', sender: quote.from ?? 'unknown', text: quote.text }]

/**
 * What a person says in its own words: answered by the model, with what was said before; or, where that is what the
 * person wants, done by a command, which the model names and the person has the right to.
 */
export class Talk {
  readonly #parts: TalkParts

  constructor(parts: TalkParts) {
    this.#parts = parts
  }

  /**
   * The answer, which is remembered when this resolves; empty where there is nothing to say any more.
   *
   * @throws {TaskError} when nobody could answer
   */
  async answer(message: InboundMessage, ways: TalkWays): Promise<string> {
    const { ask, system, conversations, readPhrase, hasModel } = this.#parts
    const { text, chat, sender } = message
    const phrase = hasModel() ? undefined : readPhrase(text, ways.speaker)
    if (phrase) return (await ways.obey(phrase)).text
    const recollection = conversations.recall(toMemoryId(toComparable(sender.id), chat), {
      system,
      text,
      sender: nameOf(message),
    })
    const { signal, progress } = ways
    const answer = await ask(this.#toTask(message, recollection.turns), {
      signal,
      // a person reads whole answers
      delta: () => undefined,
      progress: ({ message: note }) => void (note === undefined || progress(note)),
    })
    if (answer.call === undefined) {
      if (!signal.aborted) conversations.remember(recollection, answer.text)
      return answer.text
    }
    const read = this.#parts.actions.read(answer.call)
    if (!read.ok) return `I wanted to do that, but my request was not right: ${read.complaint}`
    if (signal.aborted) return ''
    const outcome = await ways.obey(read.line)
    conversations.remember(recollection, this.#describe(read.line, outcome))
    return outcome.text
  }

  #toTask(message: InboundMessage, turns: readonly Turn[]): TaskInput {
    const { clock, newId, workMsMax, actions } = this.#parts
    return {
      requestId: newId(),
      message: message.text,
      sender: nameOf(message),
      deadlineAt: clock.now() + workMsMax,
      attempt: 1,
      history: [...turns, ...toQuoted(message)],
      // what somebody else wrote must not have anything done, so whoever quotes it writes commands
      ...(message.quote === undefined ? { tools: actions.tools } : {}),
    }
  }

  /** What comes of a command holds the words of others: it is remembered as such. */
  #describe(line: CommandLine, { text }: CommandOutcome): string {
    const done = `[I did this for the person: ${line.text}]`
    return text === '' ? done : `${done}\n${this.#parts.frame('tool', `!${line.name}`, text)}`
  }
}
