import { randomInt } from 'node:crypto'
import type { Account, Addressing } from './accounts.ts'

/** A group and who is in it. */
export interface Group {
  readonly jid: string
  readonly subject: string
  readonly creator: Account
  readonly members: Set<Account>
  /** How members are named to each other. */
  readonly addressing: Addressing
  readonly createdAt: number
}

/** The groups of the server. */
export class Groups {
  readonly #byJid = new Map<string, Group>()

  create(subject: string, creator: Account, members: Iterable<Account>, addressing: Addressing, now: number): Group {
    const jid = `120363${String(randomInt(10 ** 12)).padStart(12, '0')}@g.us`
    const group = { jid, subject, creator, members: new Set([creator, ...members]), addressing, createdAt: now }
    this.#byJid.set(jid, group)
    return group
  }

  find(jid: string): Group | undefined {
    return this.#byJid.get(jid)
  }

  of(member: Account): readonly Group[] {
    return [...this.#byJid.values()].filter(({ members }) => members.has(member))
  }
}
