import {
  type AuthenticationCreds,
  BufferJSON,
  initAuthCreds,
  proto,
  type SignalDataSet,
  type SignalDataTypeMap,
  type SignalKeyStore,
} from '@whiskeysockets/baileys'
import type Database from 'better-sqlite3'
import { StartError } from '../../core/failures.ts'
import { ask, commit } from '../../sqlite/ask-database.ts'
import type { Arrivals } from './arrivals.ts'

/** A kind of key that is none: the text of a message, written down with the key that opened it. By its digest in hex. */
export const OPENED = 'opened'

const CREDS = 'creds'

const prepare = (database: Database.Database) => ({
  find: database.prepare<[string, string], { value: string }>('SELECT value FROM auth WHERE kind = ? AND id = ?'),
  save: database.prepare<[string, string, string]>(
    'INSERT INTO auth (kind, id, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  ),
  remove: database.prepare<[string, string]>('DELETE FROM auth WHERE kind = ? AND id = ?'),
  removeAll: database.prepare<[]>('DELETE FROM auth'),
  count: database.prepare<[], { rows: number }>('SELECT count(*) AS rows FROM auth'),
})

const isCreds = (value: unknown): value is AuthenticationCreds =>
  typeof value === 'object' && value !== null && 'noiseKey' in value && 'signedIdentityKey' in value

/**
 * Who this device is for WhatsApp, and the keys of its conversations. What Baileys commits at once is one transaction,
 * and on disk when it returns. Baileys' own cache in front of a store is not used: it knows things before the disk does.
 */
export class AuthStore {
  readonly keys: SignalKeyStore
  readonly #database: Database.Database
  readonly #statements: ReturnType<typeof prepare>
  #creds: AuthenticationCreds

  /** @throws {StartError} when what is kept cannot be read: a new identity in its place would be another device */
  constructor(database: Database.Database, arrivals: Pick<Arrivals, 'open'>) {
    this.#database = database
    this.#statements = prepare(database)
    this.#creds = this.#load()
    this.keys = {
      get: (type, ids) => this.#get(type, ids),
      set: (data) => this.#set(data, arrivals),
    }
  }

  /** The same object until it is forgotten, since Baileys changes it in place. */
  get creds(): AuthenticationCreds {
    return this.#creds
  }

  /** Whether a phone has linked this device. */
  get isPaired(): boolean {
    return this.#creds.account !== undefined && this.#creds.account !== null
  }

  /** Addresses of this account, by its number and hidden, as far as they are known. */
  get own(): readonly string[] {
    const { me } = this.#creds
    return [me?.id, me?.lid].filter((each) => each !== undefined)
  }

  /** Takes back what a pairing that nobody finished has left, with which the next login would be refused as logged out. */
  dropHalfPairing(): void {
    if (this.isPaired || !this.#creds.me) return
    delete this.#creds.me
    this.#creds.pairingCode = undefined
    this.save(this.#creds)
  }

  /** Writes the credentials down, unless they are those of an identity that was forgotten meanwhile. */
  save(creds: AuthenticationCreds): void {
    if (creds !== this.#creds) return
    ask(this.#database, () => this.#write(CREDS, '', creds))
  }

  /** Begins as a new device. Nothing but the keys is forgotten. */
  forget(): void {
    const creds = initAuthCreds()
    commit(this.#database, () => {
      this.#statements.removeAll.run()
      this.#write(CREDS, '', creds)
    })
    this.#creds = creds
  }

  /** The number behind a hidden address, if it is known. Both without server and device. */
  findNumber(lid: string): string | undefined {
    return this.#findText('lid-mapping', `${lid}_reverse`)
  }

  /** The hidden address of a number, if it is known. Both without server and device. */
  findLid(number: string): string | undefined {
    return this.#findText('lid-mapping', number)
  }

  #findText(kind: string, id: string): string | undefined {
    const value = ask(this.#database, () => this.#read(kind, id))
    return typeof value === 'string' ? value : undefined
  }

  #load(): AuthenticationCreds {
    let kept: unknown
    try {
      kept = this.#read(CREDS, '')
    } catch (cause) {
      throw this.#unreadable(cause)
    }
    if (isCreds(kept)) return kept
    const rows = this.#statements.count.get()?.rows ?? 0
    if (rows > 0) throw this.#unreadable()
    const creds = initAuthCreds()
    this.#write(CREDS, '', creds)
    return creds
  }

  #unreadable(cause?: unknown): StartError {
    return new StartError(
      `${this.#database.name} holds keys of WhatsApp that cannot be read; move it away, remove the device on the phone, and link the agent anew.`,
      cause === undefined ? undefined : { cause },
    )
  }

  #get<Type extends keyof SignalDataTypeMap>(type: Type, ids: readonly string[]) {
    const found: { [id: string]: SignalDataTypeMap[Type] } = {}
    ask(this.#database, () => {
      for (const id of ids) {
        const value = this.#read(type, id)
        if (value !== undefined) found[id] = value as SignalDataTypeMap[Type]
      }
    })
    return found
  }

  #set(data: SignalDataSet, arrivals: Pick<Arrivals, 'open'>): void {
    commit(this.#database, () => {
      for (const [kind, values] of Object.entries(data)) {
        for (const [id, value] of Object.entries(values)) {
          if (kind === OPENED) arrivals.open(Buffer.from(id, 'hex'), value as Uint8Array)
          else this.#write(kind, id, value)
        }
      }
    })
  }

  #read(kind: string, id: string): unknown {
    const row = this.#statements.find.get(kind, id)
    if (row === undefined) return undefined
    const value: unknown = JSON.parse(row.value, BufferJSON.reviver)
    return kind === 'app-state-sync-key' ? proto.Message.AppStateSyncKeyData.fromObject(value as object) : value
  }

  #write(kind: string, id: string, value: unknown): void {
    if (value === null || value === undefined) this.#statements.remove.run(kind, id)
    else this.#statements.save.run(kind, id, JSON.stringify(value, BufferJSON.replacer))
  }
}
