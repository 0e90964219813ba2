import type Database from 'better-sqlite3'
import { openCloudStore } from './database.ts'
import { Inbox, type InboxBounds } from './inbox.ts'
import { Outbox, type OutboxBounds } from './outbox.ts'
import { People } from './people.ts'

/** All that the room keeps, in one file. */
export interface Stores {
  readonly database: Database.Database
  readonly inbox: Inbox
  readonly outbox: Outbox
  readonly people: People
}

/**
 * Opens what is kept in a data folder.
 *
 * @throws {StartError} when it cannot be used, or is damaged
 */
export const openStores = (
  dataDir: string,
  bounds: { readonly inbox: InboxBounds; readonly outbox: OutboxBounds },
): Stores => {
  const database = openCloudStore(dataDir)
  return {
    database,
    inbox: new Inbox(database, bounds.inbox),
    outbox: new Outbox(database, bounds.outbox),
    people: new People(database),
  }
}

/** Lets go of some of what is too old or too much, everywhere. */
export const purgeStores = ({ inbox, outbox, people }: Stores, now: number): void => {
  inbox.purge(now)
  outbox.purge(now)
  people.purge(now)
}
