import type Database from 'better-sqlite3'
import { Arrivals } from './arrivals.ts'
import { AuthStore } from './auth-store.ts'
import { ChatBook } from './chat-book.ts'
import { openWhatsAppStore } from './database.ts'
import { Inbox } from './inbox.ts'
import { Outbox } from './outbox.ts'
import { Settings } from './settings.ts'

/** All that a link to WhatsApp keeps, in one file. */
export interface Stores {
  readonly database: Database.Database
  readonly auth: AuthStore
  readonly arrivals: Arrivals
  readonly inbox: Inbox
  readonly outbox: Outbox
  readonly chats: ChatBook
  readonly settings: Settings
}

/**
 * Opens what is kept in a data folder.
 *
 * @throws {StartError} when it cannot be used, or is damaged
 */
export const openStores = (dataDir: string): Stores => {
  const database = openWhatsAppStore(dataDir)
  try {
    const arrivals = new Arrivals(database)
    return {
      database,
      arrivals,
      auth: new AuthStore(database, arrivals),
      inbox: new Inbox(database),
      outbox: new Outbox(database),
      chats: new ChatBook(database),
      settings: new Settings(database),
    }
  } catch (error) {
    database.close()
    throw error
  }
}

/** Lets go of some of what is too old or too much, everywhere. */
export const purgeStores = ({ arrivals, inbox, outbox, chats }: Stores, now: number): void => {
  arrivals.purge(now)
  inbox.purge(now)
  outbox.purge(now)
  chats.purge(now)
}
