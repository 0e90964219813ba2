import { ENVELOPE_BYTES_MAX } from '@ai-comms/shared'
import type { Admission, AdmissionOutcome } from '../admission.ts'
import type { Audit } from '../audit.ts'
import type { Command, CommandCall, Speaker } from '../commands/command.ts'
import { type CommandLine, parseCommandLine } from '../commands/command-line.ts'
import { type CommandOutcome, runCommand } from '../commands/run-command.ts'
import { isEnvelopeText } from '../envelopes/mail.ts'
import type { Arrival } from '../envelopes/ports.ts'
import type { Observe } from '../events.ts'
import { TaskError } from '../failures.ts'
import { BLOCKED_SENTENCE } from '../guard/check-text.ts'
import type { Guard } from '../guard/guard.ts'
import { toComparable } from '../identity.ts'
import type { Chat, InboundMessage } from '../message.ts'
import type { MessageEnd, MessageReceiver } from '../messenger.ts'
import type { Clock } from '../ports.ts'
import { ChatLines } from './chat-lines.ts'
import type { Talk } from './talk.ts'
import type { Speech } from './watched-sends.ts'
import { Work } from './work.ts'
import type { Working } from './working.ts'

/** What the hall is made of. */
export interface HallParts {
  readonly speech: Speech
  readonly working: Working
  readonly admission: Admission
  readonly guard: Guard
  readonly talk: Pick<Talk, 'answer'>
  readonly commands: readonly Command[]
  /** Takes an envelope that another agent sent over the channel; it is not waited for. */
  readonly receiveEnvelope: (arrival: Arrival) => void
  readonly audit: Pick<Audit, 'record'>
  readonly observe: Observe
  readonly clock: Clock
  readonly lines?: ChatLines
}

/** Commands that are done at the same time, whoever gives them: some wait minutes for other agents. */
export const COMMANDS_MAX = 64

const BUSY = 'I am still at work on your earlier messages and did not take this one; please send it again later.'
const INTERNAL = 'Something went wrong inside this agent; its log says what.'
const CUT_OFF = 'I was restarted while I did this. Please look whether it was done, and write it again if not:'

/**
 * Where the messages of people come in. In this order: is it for this agent, may the sender write, is it an envelope of
 * another agent, is it a command, is it an attack, and only then: what does it say.
 */
export class Hall implements MessageReceiver {
  readonly #parts: HallParts
  readonly #lines: ChatLines
  readonly #work: Work
  #commands = 0

  constructor(parts: HallParts) {
    this.#parts = parts
    this.#lines = parts.lines ?? new ChatLines()
    this.#work = new Work(parts.working)
  }

  /** How many messages are answered by the model, and how many wait for it. */
  get load(): ChatLines['load'] {
    return this.#lines.load
  }

  async receiveMessage(message: InboundMessage): Promise<MessageEnd> {
    if (this.#work.isClosed) return 'interrupted'
    if (message.chat.isGroup && !message.isAddressed) return 'finished'
    const isEnvelope = isEnvelopeText(message.text)
    const outcome = this.#admit(message, isEnvelope)
    if (outcome.kind !== 'admitted') await this.#turnAway(message, outcome, isEnvelope)
    else if (isEnvelope) this.#passOn(message)
    else return this.#take(message)
    return 'finished'
  }

  /** Gives up every answer that is being made in a chat. */
  cancel(chat: Chat): void {
    this.#work.cancel(chat)
  }

  /** Takes nothing any more; what is under way may finish within `drainMs`, and is given up then. */
  async stop(drainMs: number): Promise<void> {
    await this.#work.close(drainMs, this.#parts.clock)
  }

  #admit(message: InboundMessage, isEnvelope: boolean): AdmissionOutcome {
    const { admission, clock } = this.#parts
    // between agents a message may be as long as an envelope, whatever people are held to
    return admission.admit(message, clock.now(), isEnvelope ? ENVELOPE_BYTES_MAX : undefined)
  }

  async #turnAway(
    message: InboundMessage,
    outcome: Exclude<AdmissionOutcome, { kind: 'admitted' }>,
    isEnvelope: boolean,
  ): Promise<void> {
    const { audit, observe } = this.#parts
    const { channel, sender } = message
    observe({ type: 'message.refused', channel, why: outcome.why })
    // what comes twice is the channel's way to be sure, and nobody's doing
    if (outcome.why !== 'seen') audit.record({ type: 'refusal', channel, senderId: sender.id, why: outcome.why })
    // an agent would take a notice for one more text
    if (outcome.kind === 'notice' && !isEnvelope) await this.#say(message, outcome.sentence)
  }

  #passOn({ channel, chat, text }: InboundMessage): void {
    this.#parts.receiveEnvelope({ carrier: channel, address: chat.id, text })
  }

  async #take(message: InboundMessage): Promise<MessageEnd> {
    const line = parseCommandLine(message.text)
    if (line) return this.#command(message, line)
    const rule = this.#findAttack(message)
    if (rule !== undefined) {
      const { channel, sender } = message
      this.#parts.observe({ type: 'message.blocked', channel, rule })
      this.#parts.audit.record({ type: 'block', channel, senderId: sender.id, rule })
      await this.#say(message, BLOCKED_SENTENCE)
      return 'finished'
    }
    const end = this.#lines.add(message.chat.id, () => this.#finish(message, (signal) => this.#answer(message, signal)))
    if (end) return end
    await this.#say(message, BUSY)
    return 'finished'
  }

  #findAttack({ sender, text }: InboundMessage): string | undefined {
    const { guard, clock } = this.#parts
    const verdict = guard.checkMessage({ sender: toComparable(sender.id), text, now: clock.now() })
    return verdict.action === 'block' ? (verdict.ruleId ?? 'unnamed') : undefined
  }

  async #command(message: InboundMessage, line: CommandLine): Promise<MessageEnd> {
    // nobody knows how far it came, and done twice it may do harm
    if (message.isResumed) {
      await this.#say(message, `${CUT_OFF} ${line.text}`)
      return 'finished'
    }
    if (this.#commands >= COMMANDS_MAX) {
      await this.#say(message, BUSY)
      return 'finished'
    }
    this.#commands += 1
    try {
      return await this.#finish(message, async (signal) => (await this.#obey(message, line, signal)).text)
    } finally {
      this.#commands -= 1
    }
  }

  #answer(message: InboundMessage, signal: AbortSignal): Promise<string> {
    const { speech, talk } = this.#parts
    return talk.answer(message, {
      signal,
      speaker: this.#toSpeaker(message),
      progress: (text) => void speech.showProgress(message.chat, text),
      obey: (line) => this.#obey(message, line, signal),
    })
  }

  #toSpeaker({ sender }: InboundMessage): Speaker {
    const isAdmin = this.#parts.admission.isAdmin(sender.id)
    return { id: toComparable(sender.id), name: sender.name, isAdmin }
  }

  /** Does a command under the rights of who wrote the message, and of nobody else. */
  async #obey(message: InboundMessage, line: CommandLine, signal: AbortSignal): Promise<CommandOutcome> {
    const { audit, commands, observe } = this.#parts
    const { channel, chat, sender } = message
    const call: CommandCall = {
      ...{ line, chat, signal },
      speaker: this.#toSpeaker(message),
      onDelegated: (to, taskId) => audit.record({ type: 'delegation', channel, senderId: sender.id, to, taskId }),
      say: async (text) => void (await this.#say(message, text)),
    }
    const run = await runCommand(commands, call)
    const { outcome } = run
    // what somebody made up is no name that a trail should hold
    const command = outcome === 'unknown' ? 'unknown' : line.name
    observe({ type: 'command.ran', channel, command, outcome })
    if (outcome === 'forbidden') audit.record({ type: 'refusal', channel, senderId: sender.id, why: `!${command}` })
    else {
      const word = outcome === 'done' ? 'done' : 'refused'
      audit.record({ type: 'command', channel, senderId: sender.id, command, outcome: word })
    }
    return run
  }

  /** Works on a message until it is answered, given up, or cut off by the end of the agent. */
  async #finish(message: InboundMessage, act: (signal: AbortSignal) => Promise<string>): Promise<MessageEnd> {
    const { clock, observe } = this.#parts
    const { channel } = message
    const startedAt = clock.now()
    const { signal, end } = this.#work.begin(message.chat)
    try {
      const text = signal.aborted ? '' : await this.#attempt(message, act(signal))
      if (signal.aborted) return this.#work.isClosed ? 'interrupted' : 'finished'
      if (text !== '') await this.#say(message, text, true)
      observe({ type: 'message.answered', channel, workMs: clock.now() - startedAt, chars: text.length })
      return 'finished'
    } finally {
      end()
    }
  }

  /** What a person is to read, of a failure, too. */
  async #attempt({ channel }: InboundMessage, work: Promise<string>): Promise<string> {
    const { observe } = this.#parts
    try {
      return await work
    } catch (error) {
      if (error instanceof TaskError) {
        observe({ type: 'message.failed', channel, code: error.code })
        return error.message
      }
      observe({ type: 'message.broken', channel, err: error })
      return INTERNAL
    }
  }

  async #say({ chat, id }: InboundMessage, text: string, isLast = false): Promise<void> {
    await this.#parts.speech.send(chat, text, isLast ? { answers: id } : {})
  }
}
