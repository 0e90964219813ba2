/** The library door: an agent of someone's own. */

export type { LinkBounds, LinkEnd } from './adapters/hub/link-parts.ts'
export { AGENT_VARIABLES } from './config.ts'
export type { AgentEvent, Observe } from './core/events.ts'
export { StartError, TaskError } from './core/failures.ts'
export { type AgentOptions, type CustomAgent, createAgent, type TaskContext } from './create-agent.ts'
