import type { Messenger } from '../messenger.ts'
import type { Carrier, CarryOutcome, PeerAddress } from './ports.ts'

/** Carries envelopes as texts over a human channel, to peers whose chat there is known. */
export class MessengerCarrier implements Carrier {
  readonly isSlow = true
  readonly #messenger: Messenger

  constructor(messenger: Messenger) {
    this.#messenger = messenger
  }

  get name(): string {
    return this.#messenger.name
  }

  isReachable(peer: PeerAddress): boolean {
    return this.#findChat(peer) !== undefined
  }

  /** An envelope cannot be split: one that is longer than a message may be is not carried. */
  async carry(peer: PeerAddress, text: string): Promise<CarryOutcome> {
    const id = this.#findChat(peer)
    if (id === undefined) return 'failed'
    // a person gives a number; what a peer came from is a chat already
    const chat = this.#messenger.findChat(id) ?? { id, isGroup: false }
    const outcome = await this.#messenger.send(chat, text, { isForMachines: true })
    return outcome === 'failed' ? 'failed' : 'sent'
  }

  #findChat({ chats }: PeerAddress): string | undefined {
    return chats !== undefined && Object.hasOwn(chats, this.name) ? chats[this.name] : undefined
  }
}
