import type { Messenger } from './messenger.ts'

/** The messenger of an agent that no person writes to. */
export const SILENT_MESSENGER: Messenger = {
  name: 'none',
  state: 'closed',
  start: async () => {},
  send: async () => 'failed',
  showWorking: () => {},
  showProgress: async () => {},
  findChat: () => undefined,
  stop: async () => {},
}
