import type { WAMessage, WAMessageKey } from '@whiskeysockets/baileys'

import type { MessagePart } from '../../core/message-parts.ts'

import type { Attachment } from './open-media.ts'

/** Who is told what happens on a socket. */
export interface SocketListener {
  /** A phone is asked to link this device; what its QR says. */
  takeQr(text: string): void
  notePaired(): void
  noteOpen(): void
  noteClosed(code: number): void
  /** Something came, whatever it was. */
  noteSign(): void
  noteTimeLock(until: number | undefined): void
  /** Messages came; they are lost unless they are kept before this returns. */
  takeMessages(messages: readonly WAMessage[]): void
  /** WhatsApp has taken a message, or says with a code why not. */
  noteAck(id: string, error: string | undefined): void
  noteDelivered(id: string, state: 'delivered' | 'read'): void
}

/** What is to be sent under an id, and the original that it quotes. */
export interface Composition {
  readonly id: string
  readonly draft: MessagePart
  readonly quoted: Uint8Array | undefined
}

/** One connection to WhatsApp. Nothing that it does throws when it is closed; what waits for an answer rejects. */
export interface LiveSocket {
  /** When it began, in epoch milliseconds. */
  readonly startedAt: number
  /** Makes a message of what is to be sent, uploading what it holds. */
  compose(address: string, composition: Composition): Promise<Uint8Array>
  /** Seals a message for all devices of its receiver, and writes it. It is not taken before it is acknowledged. */
  relay(address: string, id: string, content: Uint8Array): Promise<void>
  showTyping(address: string, isTyping: boolean): Promise<void>
  markRead(keys: readonly WAMessageKey[]): Promise<void>
  /** Learns the hidden addresses of numbers. */
  learnNumbers(numbers: readonly string[]): Promise<void>
  /** Takes a stanza as if it came just now. */
  replay(stanza: string): void
  /** Fetches a file from the host that WhatsApp names. */
  openMedia(attachment: Attachment): Promise<AsyncIterable<Uint8Array>>
  requestCode(number: string): Promise<string>
  end(): Promise<void>
}

/** Opens a connection, which tells the listener all that happens. */
export type OpenSocket = (listener: SocketListener) => Promise<LiveSocket>
