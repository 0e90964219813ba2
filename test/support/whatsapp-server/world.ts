import type { BinaryNode } from '@whiskeysockets/baileys'
import { type Account, type Addressing, type Device, Directory } from './accounts.ts'
import { Changes, Chronicle } from './changes.ts'
import type { Connection } from './connection.ts'
import type { Faults, RelayedMessage } from './faults.ts'
import { Groups } from './group-list.ts'
import type { Media } from './media.ts'
import type { Registration } from './registration.ts'

/** Who is at the other end of a connection. */
export type Role =
  | { readonly name: 'stranger' }
  | { readonly name: 'registering'; readonly registration: Registration }
  | { readonly name: 'companion'; readonly device: Device }

/** A login or registration, and what became of it. */
export interface Attempt {
  /** Undefined for a client that wants to be paired. */
  readonly number: string | undefined
  /** The revision of WhatsApp Web that the client says it is. */
  readonly revision: number
  readonly at: number
  readonly outcome: 'welcome' | number
}

/** A chat state, such as `composing`. */
export interface ChatState {
  /** The sender's number. */
  readonly from: string
  readonly to: string
  readonly state: string
}

/** A receipt as it came from a device. */
export interface Receipt {
  /** The number of the account that it came from. */
  readonly from: string
  readonly type: string
  readonly ids: readonly string[]
}

/** Where a message came from: its receipts go there. */
export interface Origin {
  readonly device: Device
  readonly to: string
}

const ORIGINS_MAX = 20_000

/** Whoever has a number. */
interface Numbered {
  readonly number: string
}

const toPair = (one: Numbered, other: Numbered): string => [one.number, other.number].sort().join(' ')

/** All that the server knows. Its parts read and change it; none of them knows another. */
export class World {
  readonly directory = new Directory()
  readonly groups = new Groups()
  readonly faults: Faults
  readonly changes = new Changes()
  readonly roles = new Map<Connection, Role>()
  readonly attempts = new Chronicle<Attempt>()
  readonly relayed = new Chronicle<RelayedMessage>()
  readonly receipts = new Chronicle<Receipt>()
  readonly chatStates = new Chronicle<ChatState>()
  /** Queries that nobody here knows; they are answered with nothing. */
  readonly unknownQueries = new Chronicle<string>()
  readonly media: Media
  addressing: Addressing = 'lid'
  /** Lets a new client hand in 812 one-time keys, as it does at WhatsApp, instead of five. */
  areAllKeysWanted = false
  readonly #chats = new Map<string, Addressing>()
  readonly #origins = new Map<string, Origin>()

  constructor(faults: Faults, media: Media) {
    this.faults = faults
    this.media = media
  }

  get now(): number {
    return Date.now() + this.faults.clockOffsetMs
  }

  roleOf(connection: Connection): Role {
    return this.roles.get(connection) ?? { name: 'stranger' }
  }

  /** How two people are named to each other. */
  addressingOf(one: Numbered, other: Numbered): Addressing {
    return this.#chats.get(toPair(one, other)) ?? this.addressing
  }

  address(one: Numbered, other: Numbered, addressing: Addressing): void {
    this.#chats.set(toPair(one, other), addressing)
  }

  /** Keeps where a message came from; one that is sent again, to one device, belongs to the chat of the first time. */
  remember(id: string, origin: Origin): void {
    if (this.#origins.get(id)?.device === origin.device) return
    this.#origins.set(id, origin)
    const [oldest] = this.#origins.keys()
    if (this.#origins.size > ORIGINS_MAX && oldest !== undefined) this.#origins.delete(oldest)
  }

  originOf(id: string): Origin | undefined {
    return this.#origins.get(id)
  }

  /** Devices that are logged in, of one account or of all. */
  *devicesOnline(account?: Account): Iterable<Device> {
    for (const role of this.roles.values()) {
      if (role.name === 'companion' && (account === undefined || role.device.account === account)) yield role.device
    }
  }
}

/** A stanza of a client that is logged in, with all that is needed to answer it. */
export interface Ask {
  readonly world: World
  readonly connection: Connection
  readonly query: BinaryNode
  /** The query's only part. */
  readonly part: BinaryNode | undefined
  readonly role: Role
}
