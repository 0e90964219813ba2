import type Database from 'better-sqlite3'
import { ask, commit } from '../../sqlite/ask-database.ts'

/** Bounds of what is remembered of arrivals. */
export interface ArrivalBounds {
  /** Arrivals that are remembered, so that none is taken twice. */
  readonly arrivalsMax: number
  /** How long they are remembered, in milliseconds. */
  readonly keepMs: number
  /** Largest stanza that is kept, in characters; a larger one cannot be found again after a crash. */
  readonly stanzaCharsMax: number
}

/** Some 5 MB of names and a day, beyond which a message is not read any more; a message has at most some 64 KB of text. */
export const ARRIVAL_BOUNDS: ArrivalBounds = { arrivalsMax: 20_000, keepMs: 86_400_000, stanzaCharsMax: 1_048_576 }
/** Rows that one purge deletes at most, so that no message waits long for it. */
const PURGE_ROWS_MAX = 200

/** What names a message: where, by whom and which. Addresses are without their device. */
export interface MessageKey {
  readonly chat: string
  readonly sender: string
  readonly id: string
}

/** A message as it came, before anybody could read it. */
export interface Arrival extends MessageKey {
  /** The stanza, written as text. */
  readonly stanza: string
  /** Fingerprints of what is sealed in it. */
  readonly digests: readonly Uint8Array[]
}

/** An arrival that was not read. */
export interface Unread extends MessageKey {
  readonly stanza: string
  readonly arrivedAt: number
}

const prepare = (database: Database.Database) => ({
  find: database.prepare<MessageKey, { seq: number; isRead: number }>(
    'SELECT seq, is_read AS isRead FROM arrival WHERE id = @id AND chat = @chat AND sender = @sender',
  ),
  insert: database.prepare<MessageKey & { now: number; stanza: string }>(
    'INSERT INTO arrival (chat, sender, id, arrived_at, stanza) VALUES (@chat, @sender, @id, @now, @stanza)',
  ),
  renew: database.prepare<[string, number]>('UPDATE arrival SET stanza = ? WHERE seq = ?'),
  insertSealed: database.prepare<[Uint8Array, number]>(
    'INSERT INTO sealed (digest, arrival) VALUES (?, ?) ON CONFLICT DO NOTHING',
  ),
  deleteSealed: database.prepare<[number]>('DELETE FROM sealed WHERE arrival = ?'),
  open: database.prepare<[Uint8Array, Uint8Array]>('UPDATE sealed SET plain = ? WHERE digest = ?'),
  findPlain: database.prepare<[Uint8Array], { plain: Uint8Array | null }>('SELECT plain FROM sealed WHERE digest = ?'),
  insertRead: database.prepare<MessageKey & { now: number }>(
    'INSERT INTO arrival (chat, sender, id, arrived_at, is_read) VALUES (@chat, @sender, @id, @now, 1)',
  ),
  setAside: database.prepare<MessageKey>(
    'UPDATE arrival SET stanza = NULL WHERE id = @id AND chat = @chat AND sender = @sender',
  ),
  markRead: database.prepare<[number]>('UPDATE arrival SET is_read = 1, stanza = NULL WHERE seq = ?'),
  listOpened: database.prepare<[number], Unread>(
    `SELECT chat, sender, id, stanza, arrived_at AS arrivedAt FROM arrival
     WHERE is_read = 0 AND stanza IS NOT NULL AND arrived_at < ?
       AND EXISTS (SELECT 1 FROM sealed WHERE arrival = seq AND plain IS NOT NULL)
     ORDER BY seq`,
  ),
  listSealed: database.prepare<[number], Unread>(
    `SELECT chat, sender, id, stanza, arrived_at AS arrivedAt FROM arrival
     WHERE is_read = 0 AND stanza IS NOT NULL AND arrived_at <= ?
       AND NOT EXISTS (SELECT 1 FROM sealed WHERE arrival = seq AND plain IS NOT NULL)
     ORDER BY seq LIMIT 20`,
  ),
  purge: database.prepare<[number, number]>(
    'DELETE FROM arrival WHERE seq IN (SELECT seq FROM arrival WHERE arrived_at <= ? ORDER BY seq LIMIT ?)',
  ),
  trim: database.prepare<[number, number]>(
    `DELETE FROM arrival WHERE seq IN (
       SELECT seq FROM arrival ORDER BY seq LIMIT min(?, max(0, (SELECT count(*) FROM arrival) - ?))
     )`,
  ),
})

/**
 * What came in, from before it is opened until it is in the inbox. Baileys uses up the key of a message, tells WhatsApp
 * that it was delivered, and only then, perhaps seconds later or never, hands it over. So the stanza is written down when
 * it comes, and its text in the same transaction as the key that was used: whatever ends in between, the message is
 * found again, and since what was read is remembered, it is found once.
 */
export class Arrivals {
  readonly #database: Database.Database
  readonly #bounds: ArrivalBounds
  readonly #statements: ReturnType<typeof prepare>

  constructor(database: Database.Database, bounds: ArrivalBounds = ARRIVAL_BOUNDS) {
    this.#database = database
    this.#bounds = bounds
    this.#statements = prepare(database)
  }

  /** Writes down that a message came; one that was read before, or is too large, is left alone. */
  note({ stanza, digests, ...key }: Arrival, now: number): void {
    if (stanza.length > this.#bounds.stanzaCharsMax) return
    commit(this.#database, () => {
      const known = this.#statements.find.get(key)
      if (known?.isRead) return
      const seq = known?.seq ?? Number(this.#statements.insert.run({ ...key, now, stanza }).lastInsertRowid)
      if (known) {
        // its sender has sealed it anew, since it could not be opened
        this.#statements.renew.run(stanza, seq)
      }
      for (const digest of digests) this.#statements.insertSealed.run(digest, seq)
    })
  }

  /** Writes down what was opened; a part of the transaction that uses up the key. */
  open(digest: Uint8Array, plain: Uint8Array): void {
    ask(this.#database, () => this.#statements.open.run(plain, digest))
  }

  /** What was opened before, if it was. */
  findPlain(digest: Uint8Array): Uint8Array | undefined {
    return ask(this.#database, () => this.#statements.findPlain.get(digest)?.plain ?? undefined)
  }

  /** Whether a message was read before. */
  isRead(key: MessageKey): boolean {
    return ask(this.#database, () => this.#statements.find.get(key)?.isRead === 1)
  }

  /** Strikes out a message that was read, with all that was kept of it but its name; false when it was read before. */
  markRead(key: MessageKey, now: number): boolean {
    return commit(this.#database, () => {
      const known = this.#statements.find.get(key)
      if (known?.isRead) return false
      if (known) {
        this.#statements.deleteSealed.run(known.seq)
        this.#statements.markRead.run(known.seq)
      } else {
        this.#statements.insertRead.run({ ...key, now })
      }
      return true
    })
  }

  /** Waits no longer for a message that could not be opened; it may still come, sealed anew. */
  setAside({ chat, sender, id }: MessageKey): void {
    ask(this.#database, () => this.#statements.setAside.run({ chat, sender, id }))
  }

  /** What came before a time, was opened and never read, the oldest first. */
  listOpened(before: number): readonly Unread[] {
    return ask(this.#database, () => this.#statements.listOpened.all(before))
  }

  /** What could not be opened since some time, the oldest first. */
  listSealed(until: number): readonly Unread[] {
    return ask(this.#database, () => this.#statements.listSealed.all(until))
  }

  /** Lets go of some of what is too old or too much; tells whether there is more of it. */
  purge(now: number): boolean {
    const { arrivalsMax, keepMs } = this.#bounds
    const freed = commit(this.#database, () => {
      const old = this.#statements.purge.run(now - keepMs, PURGE_ROWS_MAX).changes
      return Math.max(old, this.#statements.trim.run(PURGE_ROWS_MAX, arrivalsMax).changes)
    })
    return freed === PURGE_ROWS_MAX
  }
}
