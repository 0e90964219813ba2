import type { proto, WAMessage } from '@whiskeysockets/baileys'
import type { InboundMessage } from '../../core/message.ts'
import type { MessageEnd } from '../../core/messenger.ts'
import { FakeClock, settle } from '../../test-support/fake-clock.ts'
import { useFolder } from '../../test-support/folder.ts'
import { assembleMessenger } from './assemble-messenger.ts'
import type { WhatsAppEvent } from './events.ts'
import type { LiveSocket, SocketListener } from './live-socket.ts'
import { PACE_BOUNDS } from './pacing.ts'
import { openStores } from './stores.ts'
import type { WhatsAppParts } from './whatsapp-parts.ts'

/** Somebody with a number and a hidden address. */
export const ANNA = { number: '491711234567', lid: '900' }
/** Nobody waits in a test that is not about waiting. */
const AT_ONCE = { ...PACE_BOUNDS, gapMsMin: 0, gapMsMax: 0, typingMsPerChar: 0, burstMax: 1_000 }

/** What left over a socket. */
export interface Relayed {
  readonly address: string
  readonly id: string
  readonly text: string
}

/** A socket without WhatsApp, and what happened on it. */
export class FakeSocket implements LiveSocket {
  readonly relayed: Relayed[] = []
  readonly typed: string[] = []
  readonly read: string[] = []
  readonly replayed: string[] = []
  readonly learnt: string[] = []
  isEnded = false
  /** Whether messages are acknowledged as soon as they are written. */
  isAcknowledging = true
  readonly startedAt: number
  readonly listener: SocketListener

  constructor(listener: SocketListener, startedAt: number) {
    this.listener = listener
    this.startedAt = startedAt
  }

  async compose(_address: string, { draft, quoted }: Parameters<LiveSocket['compose']>[1]): Promise<Uint8Array> {
    const text = draft.kind === 'text' ? draft.text : `${draft.fileName}: ${draft.text}`
    return Buffer.from(`${quoted ? '> ' : ''}${text}`)
  }

  async relay(address: string, id: string, content: Uint8Array): Promise<void> {
    this.relayed.push({ address, id, text: Buffer.from(content).toString() })
    if (this.isAcknowledging) this.listener.noteAck(id, undefined)
  }

  async showTyping(address: string, isTyping: boolean): Promise<void> {
    this.typed.push(`${isTyping ? '' : 'not '}${address}`)
  }

  async markRead(keys: readonly proto.IMessageKey[]): Promise<void> {
    this.read.push(...keys.map(({ id }) => id ?? ''))
  }

  async learnNumbers(numbers: readonly string[]): Promise<void> {
    this.learnt.push(...numbers)
  }

  replay(stanza: string): void {
    this.replayed.push(stanza)
  }

  async openMedia(): Promise<AsyncIterable<Uint8Array>> {
    throw new Error('There are no files')
  }

  async requestCode(): Promise<string> {
    return 'ABCD1234'
  }

  async end(): Promise<void> {
    this.isEnded = true
  }
}

/** A text from somebody, as Baileys hands it over. */
export const textFrom = (id: string, text: string, more: Partial<WAMessage> = {}, from = ANNA): WAMessage => ({
  key: {
    ...{ id, remoteJid: `${from.lid}@lid`, remoteJidAlt: `${from.number}@s.whatsapp.net` },
    ...{ participant: '', fromMe: false },
  },
  message: { conversation: text },
  pushName: 'Anna',
  ...more,
})

type Receive = (message: InboundMessage) => Promise<MessageEnd>

/** The room without WhatsApp: sockets, time and the agent are the test's. */
export const useStage = (more: Partial<WhatsAppParts> = {}, folder = useFolder()) => {
  const clock = new FakeClock()
  const stores = openStores(folder.path)
  const events: WhatsAppEvent[] = []
  const sockets: FakeSocket[] = []
  const received: InboundMessage[] = []
  const versions = { refresh: () => undefined, keep: () => undefined }
  const { bounds, ...rest } = more
  const messenger = assembleMessenger({
    ...{ agent: 'Atlas', dataDir: folder.path, stores, versions, clock, takesGroups: false, random: () => 0 },
    admission: { allowed: undefined, blocked: new Set(), admins: new Set() },
    output: { write: () => true },
    observe: (event) => events.push(event),
    bounds: { ...AT_ONCE, ...bounds },
    open: async (listener) => {
      const socket = new FakeSocket(listener, clock.now())
      sockets.push(socket)
      return socket
    },
    ...rest,
  })
  let receive: Receive = async () => 'finished'
  const socket = () => sockets.at(-1) ?? failWithoutSocket()
  const stage = {
    ...{ clock, stores, events, sockets, received, messenger, folder, socket },
    /** How the agent takes messages from here on. */
    receive: (act: Receive) => {
      receive = act
    },
    start: async () => {
      await messenger.start({
        receiveMessage: (message) => {
          received.push(message)
          return receive(message)
        },
      })
      await settle()
    },
    /** Starts, and lets the connection open. */
    open: async () => {
      await stage.start()
      socket().listener.noteOpen()
      await settle()
    },
    take: async (...messages: readonly WAMessage[]) => {
      const at = clock.now() / 1_000
      socket().listener.takeMessages(messages.map((each) => ({ messageTimestamp: at, ...each })))
      await settle()
    },
    /** Lets time pass on a connection that is well. */
    pass: async (ms: number) => {
      for (let left = ms; left > 0; left -= 10_000) {
        sockets.at(-1)?.listener.noteSign()
        clock.pass(Math.min(left, 10_000))
        await settle()
      }
    },
    texts: () => socket().relayed.map(({ text }) => text),
    seen: <Type extends WhatsAppEvent['type']>(type: Type) =>
      events.filter((event): event is Extract<WhatsAppEvent, { type: Type }> => event.type === type),
    /** Ends as a process does that is killed: nothing is finished. */
    crash: () => stores.database.close(),
    [Symbol.asyncDispose]: async () => {
      if (stores.database.open) {
        const stopped = messenger.stop()
        await settle()
        // whatever it still waits for
        clock.pass(10_000)
        await stopped
      }
      folder[Symbol.dispose]()
    },
  }
  return stage
}

const failWithoutSocket = (): never => {
  throw new Error('There is no socket')
}
