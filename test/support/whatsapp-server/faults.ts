/** What becomes of a message: `withheld` arrives without an acknowledgement, `lost` does not even arrive, a number refuses it. */
export type Verdict = 'given' | 'withheld' | 'lost' | number

/** A message as the server sees it: it never learns the text. */
export interface SentMessage {
  readonly id: string
  /** The sender's number. */
  readonly from: string
  /** As the sender addressed it. */
  readonly to: string
  /** How it is encrypted for each receiver: `pkmsg`, `msg`, `skmsg`. */
  readonly encryption: readonly string[]
  readonly at: number
}

/** A message, and what became of it. */
export interface RelayedMessage extends SentMessage {
  readonly verdict: Verdict
}

/** What goes wrong at will; each may be set and taken back at any time. */
export class Faults {
  /** The code that logins and registrations are refused with, for all numbers or by number (undefined for a registration). */
  login: number | undefined | ((number: string | undefined) => number | undefined)
  /** Clients of an older WhatsApp Web revision (the last part of the version) are refused with 405. */
  oldestRevision = 0
  acks: Verdict | ((message: SentMessage) => Verdict) = 'given'
  /** Which messages are garbled on their way, so that their receivers ask for them again. */
  isGarbled: (message: SentMessage) => boolean = () => false
  /** Refuses messages with 463 to people who never wrote to the sender. */
  areFirstContactsRefused = false
  /** An account that sends more in this time is refused with 429. */
  flood: { readonly messagesMax: number; readonly windowMs: number } | undefined
  /** Receipts do not count, so that everything comes again after the next login. */
  areReceiptsLost = false
  /** The media host answers with this status. */
  mediaStatus: number | undefined
  /** How many QR codes a client may show, one after the other. */
  qrCodesMax = 6
  /** Added to the time that messages are stamped with. */
  clockOffsetMs = 0

  toLoginCode(number: string | undefined): number | undefined {
    return typeof this.login === 'function' ? this.login(number) : this.login
  }

  toVerdict(message: SentMessage): Verdict {
    return typeof this.acks === 'function' ? this.acks(message) : this.acks
  }
}
