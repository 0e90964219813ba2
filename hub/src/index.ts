/** The hub's door, for tests and for embedding. */

export { buildHub, type HubOverrides, type RunningHub, StartError } from './app.ts'
export { type Config, HUB_VARIABLES, readConfig } from './config.ts'
export type { HubEvent } from './core/events.ts'
