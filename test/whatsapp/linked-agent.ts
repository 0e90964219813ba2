import {
  type InboundMessage,
  openWhatsApp,
  type WhatsAppEvent,
  type WhatsAppMessenger,
  type WhatsAppParts,
} from '@ai-comms/agent'
import { type DataFolder, openDataFolder } from '../helpers/data-folder.ts'
import { Inbox } from '../helpers/inbox.ts'
import { Person } from '../support/whatsapp-server/person.ts'
import type { Phone } from '../support/whatsapp-server/phone.ts'
import { type ServerOptions, WhatsAppServer } from '../support/whatsapp-server/server.ts'

/** Nobody pretends to type in a test, and what is waited for comes soon. */
export const HURRIED = {
  ...{ gapMsMin: 0, gapMsMax: 0, typingMsPerChar: 0, perMinuteMax: 60_000, burstMax: 1_000 },
  lateQuietMs: 200,
} satisfies WhatsAppParts['bounds']

/** The time of this machine. */
export const clock: WhatsAppParts['clock'] = {
  now: () => Date.now(),
  after: (delayMs, act) => {
    const timer = setTimeout(act, delayMs)
    return () => clearTimeout(timer)
  },
}

/** What an agent says to a message; nothing unless it is a text. */
type Answer = (message: InboundMessage) => string | undefined

/** How an agent is started. */
export interface AgentOptions extends Partial<Omit<WhatsAppParts, 'dataDir'>> {
  readonly answer?: Answer
}

/** How long a program of Baileys may take for anything, in milliseconds, on a machine that does much else. */
const LIMIT_MS = 15_000

/** The messenger of the product, with an agent that repeats what it hears. */
export class LinkedAgent implements AsyncDisposable {
  readonly messenger: WhatsAppMessenger
  readonly events = new Inbox<WhatsAppEvent>()
  readonly received = new Inbox<InboundMessage>()
  readonly qrCodes = new Inbox<string>()
  /** What was written to the terminal, QRs aside. */
  readonly terminal = new Inbox<string>()
  readonly #answer: Answer

  private constructor(messenger: WhatsAppMessenger, answer: Answer) {
    this.messenger = messenger
    this.#answer = answer
  }

  /** An agent that keeps what it keeps in this folder, and is not started. */
  static async open(server: WhatsAppServer, dataDir: string, options: AgentOptions = {}): Promise<LinkedAgent> {
    const { answer = ({ text }) => `echo: ${text}`, bounds, ...more } = options
    const told: { agent?: LinkedAgent } = {}
    const messenger = await openWhatsApp({
      ...{ dataDir, agent: 'Atlas', clock, takesGroups: false, url: new URL(server.url) },
      admission: { allowed: undefined, blocked: new Set(), admins: new Set() },
      output: { write: (text) => told.agent?.terminal.put(text) },
      observe: (event) => told.agent?.events.put(event),
      drawQr: (text) => {
        told.agent?.qrCodes.put(text)
        return ''
      },
      bounds: { ...HURRIED, ...bounds },
      ...more,
    })
    const agent = new LinkedAgent(messenger, answer)
    told.agent = agent
    return agent
  }

  async start(): Promise<void> {
    await this.messenger.start({
      receiveMessage: async (message) => {
        this.received.put(message)
        const text = this.#answer(message)
        if (text !== undefined) await this.messenger.send(message.chat, text, { answers: message.id })
        return 'finished'
      },
    })
  }

  /** Starts it, and lets a phone scan its QR. */
  async link(phone: Phone): Promise<void> {
    await this.start()
    await phone.scan(await this.nextQr())
    await this.reaches('open')
  }

  nextQr(): Promise<string> {
    return this.qrCodes.take(() => true, 'a QR', LIMIT_MS)
  }

  /** Waits until the connection comes to a state; each time is found once. */
  async reaches(state: WhatsAppMessenger['state'], limitMs = LIMIT_MS): Promise<WhatsAppEvent> {
    return this.tells(
      (event) => event.type === 'whatsapp.state' && event.state === state,
      `the state ${state}`,
      limitMs,
    )
  }

  tells(fits: (event: WhatsAppEvent) => boolean, what: string, limitMs = LIMIT_MS): Promise<WhatsAppEvent> {
    return this.events.take(fits, what, limitMs)
  }

  /** The code that it shows in the terminal. */
  async nextCode(): Promise<string> {
    const shown = await this.terminal.take((text) => /code: \S+/.test(text), 'a code', LIMIT_MS)
    return /code: (\S+)/.exec(shown)?.[1] ?? ''
  }

  get texts(): readonly string[] {
    return this.received.seen.map(({ text }) => text)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.messenger.stop()
  }
}

/** A server, a person and an agent that is linked to a phone of its own. */
export interface Stage extends AsyncDisposable {
  readonly server: WhatsAppServer
  readonly folder: DataFolder
  readonly anna: Person
  readonly phone: Phone
  readonly agent: LinkedAgent
}

/** Sets the stage; what was opened last is closed first. */
export const openStage = async (options: AgentOptions = {}, world: ServerOptions = {}): Promise<Stage> => {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await WhatsAppServer.start(world))
  const folder = stack.use(await openDataFolder())
  const anna = stack.use(await Person.join(server, { number: '15550000001', name: 'Anna' }))
  const phone = server.addPhone({ number: '15550000002' })
  const agent = stack.use(await LinkedAgent.open(server, folder.path, options))
  await agent.link(phone)
  const kept = stack.move()
  return { ...{ server, folder, anna, phone, agent }, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}
