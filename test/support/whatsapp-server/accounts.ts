import { type BinaryNode, Curve, jidDecode, jidEncode } from '@whiskeysockets/baileys'

/** How somebody is named in a chat: by the anonymous id, as nearly everybody now, or by the phone number. */
export type Addressing = 'lid' | 'pn'

/** What is said of somebody new. */
export interface Owner {
  /** The phone number: digits only. */
  readonly number: string
  /** The anonymous id: digits only, `9` and the number unless given. */
  readonly lid?: string
  readonly name?: string
  /** The number is told to nobody: messages carry the anonymous id alone. */
  readonly isNumberHidden?: boolean
}

/** The way to a companion that is logged in. */
export interface Line {
  readonly isOpen: boolean
  send(node: BinaryNode): void
  /** Ends the connection as WhatsApp does for this code. */
  end(code: number): void
  /** Cuts the connection without a word. */
  cut(): void
  /** Keeps the connection, and no longer reads or writes. */
  goDeaf(): void
}

/** What others need to write to a device for the first time. */
export interface KeyBundle {
  readonly registrationId: Buffer
  readonly identityKey: Buffer
  signedPreKey: BinaryNode
  /** Each is handed out once. */
  readonly preKeys: BinaryNode[]
}

/** Stanzas that one device may leave unacknowledged. */
const WAITING_MAX = 5_000

/** A linked device. */
export class Device {
  readonly account: Account
  readonly id: number
  /** A login is believed only with this key. */
  readonly noiseKey: Buffer
  readonly keys: KeyBundle
  line: Line | undefined
  /** Has been told what waited; until then nothing new is sent to it. */
  isCaughtUp = false
  hasHistory = false
  /** What was not acknowledged yet, in order, by class and id; it survives the connection. */
  readonly waiting = new Map<string, BinaryNode>()

  constructor(account: Account, id: number, noiseKey: Buffer, keys: KeyBundle) {
    this.account = account
    this.id = id
    this.noiseKey = noiseKey
    this.keys = keys
  }

  toJid(addressing: Addressing): string {
    return this.account.toJid(addressing, this.id)
  }

  /** Keeps a stanza until it is acknowledged, and sends it when the device is there. @throws {Error} when too much waits */
  deliver(stanza: BinaryNode): void {
    const key = toWaitingKey(stanza.tag, stanza.attrs['id'] ?? '')
    if (this.waiting.size >= WAITING_MAX && !this.waiting.has(key)) {
      throw new Error(`More than ${WAITING_MAX} stanzas wait for ${this.account.number}`)
    }
    this.waiting.set(key, stanza)
    if (this.isCaughtUp) this.line?.send(stanza)
  }

  /** Messages that it has not acknowledged. */
  get messagesWaiting(): number {
    return [...this.waiting.values()].filter(({ tag }) => tag === 'message').length
  }
}

/** Where a stanza of a class and id waits. */
export const toWaitingKey = (tag: string, id: string): string => `${tag} ${id}`

/** A phone number with its anonymous id and the companions that its phone has linked. */
export class Account {
  readonly number: string
  readonly lid: string
  name: string | undefined
  readonly isNumberHidden: boolean
  /** The phone's own key; companions are vouched for by it. */
  readonly identity = Curve.generateKeyPair()
  readonly devices = new Map<number, Device>()
  #nextDevice = 1

  constructor({ number, lid = `9${number}`, name, isNumberHidden = false }: Owner) {
    this.number = number
    this.lid = lid
    this.name = name
    this.isNumberHidden = isNumberHidden
  }

  toJid(addressing: Addressing, device?: number): string {
    return addressing === 'lid' ? jidEncode(this.lid, 'lid', device) : jidEncode(this.number, 's.whatsapp.net', device)
  }

  takeDeviceId(): number {
    return this.#nextDevice++
  }
}

/** Everybody who has a phone here. */
export class Directory {
  readonly #byNumber = new Map<string, Account>()
  readonly #byLid = new Map<string, Account>()

  /** @throws {Error} when the number or the anonymous id is taken */
  add(owner: Owner): Account {
    const account = new Account(owner)
    if (this.#byNumber.has(account.number) || this.#byLid.has(account.lid)) {
      throw new Error(`Somebody has the number ${account.number} or the id ${account.lid} already`)
    }
    this.#byNumber.set(account.number, account)
    this.#byLid.set(account.lid, account)
    return account
  }

  get accounts(): readonly Account[] {
    return [...this.#byNumber.values()]
  }

  findByNumber(number: string): Account | undefined {
    return this.#byNumber.get(number)
  }

  find(jid: string): Account | undefined {
    const decoded = jidDecode(jid)
    return (decoded?.server === 'lid' ? this.#byLid : this.#byNumber).get(decoded?.user ?? '')
  }

  findDevice(jid: string): Device | undefined {
    return this.find(jid)?.devices.get(jidDecode(jid)?.device ?? 0)
  }
}
