import { type AnyMessageContent, downloadMediaMessage, generateMessageIDV2 } from '@whiskeysockets/baileys'
import { Inbox } from '../../helpers/inbox.ts'
import type { Owner } from './accounts.ts'
import { linkClient } from './link-client.ts'
import { Phone } from './phone.ts'
import { type ReceivedMessage, readMessage } from './read-message.ts'
import type { WhatsAppServer } from './server.ts'
import type { ClientConfig, TestClient } from './test-client.ts'

/** Somebody to write to: a person, a phone, a group's address, or any address. */
export type Receiver = { toJid(addressing: 'pn'): string } | string

/** A message on its way. */
export interface SentMessage {
  readonly id: string
  readonly chat: string
}

/** What may be said of a message. */
export interface SayOptions {
  /** Who is named in it with an `@`. */
  readonly mention?: readonly { readonly lid: string; toJid(addressing: 'lid'): string }[]
  /** The message that it answers. */
  readonly quote?: ReceivedMessage
  /** Its id, to send the same one twice. */
  readonly id?: string
}

/** A file to send. */
export interface SentDocument {
  readonly fileName: string
  readonly bytes: Uint8Array
  readonly mimetype?: string
  readonly caption?: string
}

/** How long an answer may take, in milliseconds. */
const REPLY_MS = 8_000

/** A human with a phone: writes, reads, waits for answers. Below it is a real Baileys socket. */
export class Person implements AsyncDisposable {
  readonly client: TestClient
  readonly phone: Phone
  readonly #inbox = new Inbox<ReceivedMessage>()
  readonly #ids = new Set<string>()
  /** Messages that came again under an id that was there before: a phone shows none of them. */
  readonly repeated: ReceivedMessage[] = []

  private constructor(client: TestClient, phone: Phone) {
    this.client = client
    this.phone = phone
    client.onArrival = (arrival) => this.#take(readMessage(arrival))
  }

  /** A person who is online: somebody new, or the one whose phone it is, with one more device. */
  static async join(server: WhatsAppServer, who: Owner | Phone, config: ClientConfig = {}): Promise<Person> {
    const phone = who instanceof Phone ? who : server.addPhone(who)
    return new Person(await linkClient(server, phone, config), phone)
  }

  get number(): string {
    return this.phone.number
  }

  get lid(): string {
    return this.phone.lid
  }

  toJid(addressing: 'lid' | 'pn'): string {
    return this.phone.toJid(addressing)
  }

  /** Every message that came, in order, each once. */
  get messages(): readonly ReceivedMessage[] {
    return this.#inbox.seen
  }

  /** Sends a text; resolves when it is written, as Baileys does. See `acked`. */
  say(to: Receiver, text: string, { mention = [], ...options }: SayOptions = {}): Promise<SentMessage> {
    const names = mention.map(({ lid }) => `@${lid} `).join('')
    const mentions = mention.map((named) => named.toJid('lid'))
    return this.send(
      to,
      { text: `${names}${text}`, linkPreview: null, ...(mentions.length > 0 && { mentions }) },
      options,
    )
  }

  /** Sends anything that Baileys can send. */
  async send(
    to: Receiver,
    content: AnyMessageContent,
    options: Omit<SayOptions, 'mention'> = {},
  ): Promise<SentMessage> {
    const chat = typeof to === 'string' ? to : to.toJid('pn')
    const { socket, sent } = this.client
    const { id: messageId = generateMessageIDV2(socket.user?.id), quote } = options
    const message = await socket.sendMessage(chat, content, { messageId, ...(quote && { quoted: quote.raw }) })
    if (message === undefined) throw new Error('Baileys sent nothing')
    sent.set(messageId, message)
    return { id: messageId, chat }
  }

  sendDocument(to: Receiver, { bytes, mimetype = 'text/plain', ...more }: SentDocument): Promise<SentMessage> {
    return this.send(to, { document: Buffer.from(bytes), mimetype, ...more })
  }

  /** Waits for the server's word on a message: undefined when it was taken, else the code it is refused with. */
  async acked({ id }: SentMessage): Promise<string | undefined> {
    await this.client.until('an acknowledgement', () => this.client.acks.has(id))
    return this.client.acks.get(id)
  }

  /** The next message that fits and was not taken before; waits for it. @throws {Error} after the limit, with what came */
  async expectReply(text: string | RegExp = /^/, limitMs = REPLY_MS): Promise<ReceivedMessage> {
    const fits = (message: ReceivedMessage) =>
      typeof text === 'string' ? message.text === text : text.test(message.text)
    try {
      return await this.#inbox.take(fits, `an answer like ${text}`, limitMs)
    } catch (cause) {
      const came = this.messages.map((message) => message.text.slice(0, 200))
      throw new Error(`${this.number} got no answer like ${text}, but ${JSON.stringify(came)}`, { cause })
    }
  }

  /** What a message carries, decrypted. */
  async download({ raw }: ReceivedMessage): Promise<Buffer> {
    return downloadMediaMessage(raw, 'buffer', {})
  }

  async react(to: ReceivedMessage, emoji: string): Promise<SentMessage> {
    return this.send(to.chat, { react: { text: emoji, key: to.raw.key } })
  }

  /** Shows the blue ticks. */
  async read(message: ReceivedMessage): Promise<void> {
    await this.client.socket.readMessages([message.raw.key])
  }

  /** Makes a group with others; returns its address. */
  async createGroup(subject: string, members: readonly Receiver[]): Promise<string> {
    const jids = members.map((member) => (typeof member === 'string' ? member : member.toJid('pn')))
    const { id } = await this.client.socket.groupCreate(subject, jids)
    return id
  }

  /** Takes the place of a linked device from it: the one that an agent has on this phone. */
  unlink(phone: Phone): void {
    phone.unlink()
  }

  /** Goes offline. */
  leave(): Promise<void> {
    return this.client.end()
  }

  /** Comes back after `leave`, or after the connection was lost. */
  async comeBack(): Promise<void> {
    await this.client.open()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#inbox.end(new Error('the person is gone'))
    await this.client[Symbol.asyncDispose]()
  }

  #take(message: ReceivedMessage | undefined): void {
    if (message === undefined) return
    const key = `${message.chat} ${message.id}`
    if (this.#ids.has(key)) this.repeated.push(message)
    else this.#inbox.put(message)
    this.#ids.add(key)
  }
}
