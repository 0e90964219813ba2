import type { HubDirectory } from './envelopes/ports.ts'
import { HubCallError, type HubCalls } from './hub-calls.ts'

/** The hub's list of agents by way of its REST routes; a hub that cannot be asked has none. */
export const toHubDirectory = (calls: Pick<HubCalls, 'listAgents'>): HubDirectory => ({
  list: async () => {
    try {
      return await calls.listAgents()
    } catch (error) {
      if (!(error instanceof HubCallError)) throw error
      return undefined
    }
  },
})
