import { Admission, type AdmissionRules } from '../core/admission.ts'
import type { AuditFact } from '../core/audit.ts'
import type { ActionBook } from '../core/commands/actions.ts'
import type { Command } from '../core/commands/command.ts'
import { parseCommandLine } from '../core/commands/command-line.ts'
import { Conversations } from '../core/conversation.ts'
import type { Arrival } from '../core/envelopes/ports.ts'
import type { AgentEvent } from '../core/events.ts'
import { createGuard } from '../core/guard/guard.ts'
import { ChatLines, type LineBounds } from '../core/hall/chat-lines.ts'
import { Hall } from '../core/hall/hall.ts'
import { Talk } from '../core/hall/talk.ts'
import { watchSends } from '../core/hall/watched-sends.ts'
import { Working } from '../core/hall/working.ts'
import { MemoryConversationStore } from '../core/memory-conversation-store.ts'
import { MemorySeenStore } from '../core/memory-seen-store.ts'
import type { InboundMessage } from '../core/message.ts'
import type { ChainAnswer, TaskInput, TaskTools } from '../core/ports.ts'
import { SeenMessages } from '../core/seen-messages.ts'
import { FakeClock } from './fake-clock.ts'
import { CONSOLE_CHAT, FakeMessenger } from './fake-messenger.ts'

/** Somebody who is not the owner. */
export const ANNA = '491711234567'

const RULES: AdmissionRules = {
  ...{ allowed: undefined, blocked: new Set<string>(), admins: new Set<string>() },
  ...{ charsMax: 1_000, rateMax: 30, rateWindowMs: 60_000 },
}

/** Takes a line for the tool's name, and the input for the line. */
const BOOK: ActionBook = {
  tools: [{ name: 'act', description: 'does something', parameters: { type: 'object' } }],
  read: ({ input }) => {
    const line = typeof input === 'string' ? parseCommandLine(input) : undefined
    return line ? { ok: true, line } : { ok: false, complaint: 'It needs a line.' }
  },
}

/** What a test may decide about its hall. */
export interface HallOptions {
  readonly rules?: Partial<AdmissionRules>
  readonly ask?: (task: TaskInput, tools: TaskTools) => Promise<ChainAnswer>
  readonly commands?: readonly Command[]
  readonly lines?: LineBounds
  readonly hasModel?: boolean
}

/** A hall whose model is a function, with a clock that the test moves. */
export const setUpHall = (options: HallOptions = {}) => {
  const [clock, messenger] = [new FakeClock(), new FakeMessenger()]
  const events: AgentEvent[] = []
  const facts: AuditFact[] = []
  const arrivals: Arrival[] = []
  const asked: TaskInput[] = []
  const observe = (event: AgentEvent) => void events.push(event)
  const conversations = new Conversations({ store: new MemoryConversationStore(), clock, observe })
  const answer = options.ask ?? (async ({ message }: TaskInput) => ({ text: `re: ${message}` }))
  let ids = 0
  const talk = new Talk({
    ask: (task, tools) => {
      asked.push(task)
      return answer(task, tools)
    },
    ...{ system: 'You are Nova.', conversations, actions: BOOK, clock, workMsMax: 60_000 },
    readPhrase: (text) => (text === 'list them' ? parseCommandLine('!twice list') : undefined),
    hasModel: () => options.hasModel ?? true,
    frame: (kind, from, text) => `[${kind} ${from}] ${text}`,
    newId: () => `id-${++ids}`,
  })
  const hall = new Hall({
    ...{
      speech: watchSends(messenger, observe),
      working: new Working(messenger),
      guard: createGuard(),
      talk,
      observe,
      clock,
    },
    admission: new Admission({ ...RULES, ...options.rules }, new SeenMessages(new MemorySeenStore(), observe)),
    commands: options.commands ?? [],
    receiveEnvelope: (arrival) => void arrivals.push(arrival),
    audit: { record: (fact) => void facts.push(fact) },
    lines: new ChatLines(options.lines),
  })
  const write = (text: string, more: Partial<InboundMessage> = {}) => {
    ids += 1
    return hall.receiveMessage({
      ...{ id: `m-${ids}`, channel: 'console', chat: CONSOLE_CHAT, sender: { id: 'console', name: undefined }, text },
      ...{ sentAt: clock.now(), isAddressed: true, quote: undefined },
      ...more,
    })
  }
  const writeAs = (id: string, text: string, more: Partial<InboundMessage> = {}) =>
    write(text, { channel: 'whatsapp', chat: { id, isGroup: false }, sender: { id, name: 'Anna' }, ...more })
  return { hall, clock, messenger, events, facts, arrivals, asked, conversations, write, writeAs }
}

/** A command that says its words twice. */
export const twice = (more: Partial<Command> = {}): Command => ({
  ...{ name: 'twice', usage: ['!twice <words>'], summary: 'says it twice', isForAdmins: false },
  run: async ({ line }) => {
    const words = line.words.map(({ text }) => text).join(' ')
    return `${words} ${words}`
  },
  ...more,
})
