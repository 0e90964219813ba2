/** The hub's door, for tests and for embedding. */

export {
  type IssuedToken,
  TokenBook,
  type TokenOrder,
  type TokenRecord,
} from './adapters/credentials/token-book.ts'
export { TokenFileError } from './adapters/credentials/token-file.ts'
export { SqliteTaskStore, type SqliteTaskStoreOptions } from './adapters/sqlite/task-store.ts'
export { buildHub, type HubOverrides, type RunningHub } from './app.ts'
export { type Config, HUB_VARIABLES, readConfig } from './config.ts'
export type { HubEvent } from './core/events.ts'
export { StartError } from './start-error.ts'
