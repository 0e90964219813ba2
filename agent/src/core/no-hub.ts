import { HubCallError, type HubCalls } from './hub-calls.ts'

const refuse = async (): Promise<never> => {
  throw new HubCallError('unreachable', 'This agent has no hub; AGENT_HUB_URL would name one.')
}

/** The hub of an agent that has none: every call fails in the same words. */
export const NO_HUB: HubCalls = {
  readHealth: refuse,
  listAgents: refuse,
  callAgent: refuse,
  broadcast: refuse,
  submitTask: refuse,
  watchTask: refuse,
  cancelTask: refuse,
}
