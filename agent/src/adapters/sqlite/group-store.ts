import type Database from 'better-sqlite3'
import type { GroupMessage, GroupStore, KeptGroup, Mark } from '../../core/groups/ports.ts'
import { ask, commit } from '../../sqlite/ask-database.ts'

const prepare = (database: Database.Database) => ({
  list: database.prepare<[], { kept: string }>('SELECT kept FROM peer_group ORDER BY seq'),
  save: database.prepare<[string, string]>(
    'INSERT INTO peer_group (group_id, kept) VALUES (?, ?) ON CONFLICT (group_id) DO UPDATE SET kept = excluded.kept',
  ),
  removeGroup: database.prepare<[string]>('DELETE FROM peer_group WHERE group_id = ?'),
  removeMessages: database.prepare<[string]>('DELETE FROM group_message WHERE group_id = ?'),
  removeMarks: database.prepare<[string]>('DELETE FROM group_mark WHERE group_id = ?'),
  add: database.prepare<[string, number, string, number, string]>(
    'INSERT OR IGNORE INTO group_message (group_id, clock, writer, sequence, message) VALUES (?, ?, ?, ?, ?)',
  ),
  trim: database.prepare<[string, number]>(
    `DELETE FROM group_message WHERE rowid IN (
       SELECT rowid FROM group_message WHERE group_id = ?
       ORDER BY clock DESC, writer DESC, sequence DESC LIMIT -1 OFFSET ?)`,
  ),
  messages: database.prepare<[string], { message: string }>(
    'SELECT message FROM group_message WHERE group_id = ? ORDER BY clock, writer, sequence',
  ),
  marks: database.prepare<[string], Mark>(
    'SELECT agent_id AS agentId, have, acked, confirmed FROM group_mark WHERE group_id = ? ORDER BY agent_id',
  ),
  saveMark: database.prepare<[string, string, number, number, number]>(
    'INSERT OR REPLACE INTO group_mark (group_id, agent_id, have, acked, confirmed) VALUES (?, ?, ?, ?, ?)',
  ),
})

/** Groups in the agent's database, which the journal opens and closes. Each call is one transaction. */
export class SqliteGroupStore implements GroupStore {
  readonly #database: Database.Database
  readonly #statements: ReturnType<typeof prepare>

  constructor(database: Database.Database) {
    this.#database = database
    this.#statements = prepare(database)
  }

  // what is read here was written here, from values of these types

  list(): readonly KeptGroup[] {
    return ask(this.#database, () => this.#statements.list.all().map(({ kept }) => JSON.parse(kept) as KeptGroup))
  }

  save(group: KeptGroup): void {
    ask(this.#database, () => this.#statements.save.run(group.charter.groupId, JSON.stringify(group)))
  }

  remove(groupId: string): void {
    commit(this.#database, () => {
      this.#statements.removeGroup.run(groupId)
      this.#statements.removeMessages.run(groupId)
      this.#statements.removeMarks.run(groupId)
    })
  }

  add(message: GroupMessage, mark: Mark, messagesMax: number): void {
    const { groupId, clock, writer, sequence } = message
    commit(this.#database, () => {
      this.#statements.add.run(groupId, clock, writer, sequence, JSON.stringify(message))
      this.#statements.trim.run(groupId, messagesMax)
      this.#writeMark(groupId, mark)
    })
  }

  messages(groupId: string): readonly GroupMessage[] {
    return ask(this.#database, () =>
      this.#statements.messages.all(groupId).map(({ message }) => JSON.parse(message) as GroupMessage),
    )
  }

  marks(groupId: string): readonly Mark[] {
    return ask(this.#database, () => this.#statements.marks.all(groupId))
  }

  saveMark(groupId: string, mark: Mark): void {
    ask(this.#database, () => this.#writeMark(groupId, mark))
  }

  #writeMark(groupId: string, { agentId, have, acked, confirmed }: Mark): void {
    this.#statements.saveMark.run(groupId, agentId, have, acked, confirmed)
  }
}
