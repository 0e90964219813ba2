import type { JournalBounds } from '../../core/ports.ts'
import { SqliteConversationStore } from './conversation-store.ts'
import { openDatabase } from './database.ts'
import { lockFolder } from './folder-lock.ts'
import { SqliteGroupStore } from './group-store.ts'
import { SqliteReplayStore } from './replay-store.ts'
import { SqliteSeenStore } from './seen-store.ts'
import { SqliteJournal } from './task-journal.ts'
import { SqliteTeamStore } from './team-store.ts'
import { SqliteLedger } from './token-ledger.ts'

/** All that an agent keeps in its data folder; closing the journal closes all of it. */
export interface Storage {
  readonly journal: SqliteJournal
  readonly ledger: SqliteLedger
  readonly conversations: SqliteConversationStore
  readonly seen: SqliteSeenStore
  readonly teams: SqliteTeamStore
  readonly replay: SqliteReplayStore
  readonly groups: SqliteGroupStore
}

/**
 * Opens the storage of a data folder, which belongs to this agent until its journal is closed.
 *
 * @throws {StartError} when another agent has the folder, or what is in it cannot be used
 */
export const openStorage = (dataDir: string, bounds?: JournalBounds): Storage => {
  const folder = lockFolder(dataDir)
  try {
    const database = openDatabase(dataDir)
    return {
      journal: new SqliteJournal(database, bounds, folder),
      ledger: new SqliteLedger(database),
      conversations: new SqliteConversationStore(database),
      seen: new SqliteSeenStore(database),
      teams: new SqliteTeamStore(database),
      replay: new SqliteReplayStore(database),
      groups: new SqliteGroupStore(database),
    }
  } catch (error) {
    folder.release()
    throw error
  }
}
