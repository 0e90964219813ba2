import type { Carrier, CarryOutcome, PeerAddress } from '../../core/envelopes/ports.ts'

/** The part of the link that a carrier needs. */
export interface MessageLink {
  readonly state: string
  sendMessage(target: string, message: string): CarryOutcome
}

/** Carries envelopes over the hub, to the name under which a peer is registered there. */
export class HubCarrier implements Carrier {
  readonly name = 'hub'
  readonly #link: MessageLink
  readonly #presenceOf: (name: string) => 'present' | 'left' | 'unknown'

  constructor(link: MessageLink, presenceOf: (name: string) => 'present' | 'left' | 'unknown') {
    this.#link = link
    this.#presenceOf = presenceOf
  }

  /** Of whom the hub has said nothing yet may be there: worth a try for a peer that nothing else leads to. */
  isReachable({ agentName, chats }: PeerAddress): boolean {
    if (this.#link.state !== 'online') return false
    const presence = this.#presenceOf(agentName)
    return presence === 'present' || (presence === 'unknown' && chats === undefined)
  }

  async carry({ agentName }: PeerAddress, text: string): Promise<CarryOutcome> {
    return this.#link.sendMessage(agentName, text)
  }
}
