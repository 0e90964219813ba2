import {
  type AuthenticationCreds,
  type AuthenticationState,
  BufferJSON,
  initAuthCreds,
  type SignalDataTypeMap,
} from '@whiskeysockets/baileys'

const toText = (value: unknown): string => JSON.stringify(value, BufferJSON.replacer)

/** The identity of a client, kept as text as in a database: what a socket is given is never what another one holds. */
export class MemoryAuth {
  readonly #rows = new Map<string, string>()
  #creds = toText(initAuthCreds())

  /** What a program reads when it begins. */
  read(): AuthenticationState {
    const creds: AuthenticationCreds = JSON.parse(this.#creds, BufferJSON.reviver)
    return {
      creds,
      keys: {
        get: <Kind extends keyof SignalDataTypeMap>(kind: Kind, ids: string[]) => {
          const found: { [id: string]: SignalDataTypeMap[Kind] } = {}
          for (const id of ids) {
            const row = this.#rows.get(`${kind}/${id}`)
            if (row !== undefined) found[id] = JSON.parse(row, BufferJSON.reviver)
          }
          return found
        },
        set: (data) => {
          for (const [kind, entries] of Object.entries(data)) {
            for (const [id, value] of Object.entries(entries ?? {})) this.#write(`${kind}/${id}`, value)
          }
        },
      },
    }
  }

  saveCreds(creds: AuthenticationCreds): void {
    this.#creds = toText(creds)
  }

  /** Forgets the sessions with everybody, as a client does whose disk was lost in part. */
  forgetSessions(): void {
    for (const key of this.#rows.keys()) if (key.startsWith('session/')) this.#rows.delete(key)
  }

  /** Forgets the keys that others write to groups with. */
  forgetSenderKeys(): void {
    for (const key of this.#rows.keys()) if (key.startsWith('sender-key/')) this.#rows.delete(key)
  }

  #write(key: string, value: unknown): void {
    if (value === null || value === undefined) this.#rows.delete(key)
    else this.#rows.set(key, toText(value))
  }
}
