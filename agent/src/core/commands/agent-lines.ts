import { type HealthAnswer, toMatchKey } from '@ai-comms/shared'
import type { AgentListing } from '../discovery.ts'

/** Agents that are listed at most; the rest is counted. */
const LISTED_MAX = 50

/** A length of time, for people. */
export const tellSpan = (ms: number): string => {
  const seconds = Math.max(0, Math.round(ms / 1_000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`
}

/** How long ago something was, for people. */
export const tellAge = (ageMs: number): string => `${tellSpan(ageMs)} ago`

/** How the hub is, on one line. */
export const toHubLine = ({ status, agents, uptime }: HealthAnswer): string =>
  `Hub: ${status}, ${agents} agent(s) online, up ${tellSpan(uptime * 1_000)}`

/** What a list of agents depends on. */
export interface ListOptions {
  /** Name of this agent. */
  readonly self: string
  readonly now: number
  readonly isHubThere: boolean
}

/** Only the hub's own list says how busy somebody is; everything else is what was heard before. */
const tellPresence = ({ inFlight, isOnline }: AgentListing, isHubThere: boolean): string[] => {
  if (inFlight !== undefined) return [inFlight === 0 ? 'free' : `${inFlight} in flight`]
  if (!isHubThere) return []
  return [isOnline === true ? 'at the hub' : 'not at the hub']
}

const toAgentLine = (agent: AgentListing, { self, now, isHubThere }: ListOptions): string => {
  const { name, workspace, skills, lastSeenAt } = agent
  const parts = [
    ...(toMatchKey(name) === toMatchKey(self) ? ['this agent'] : []),
    ...(workspace === '' ? [] : [workspace]),
    ...(skills.length === 0 ? [] : [skills.join(', ')]),
    ...tellPresence(agent, isHubThere),
    ...(lastSeenAt === undefined ? [] : [`seen ${tellAge(now - lastSeenAt)}`]),
  ]
  return `• ${name}: ${parts.length === 0 ? 'nothing more is known' : parts.join(' · ')}`
}

/** Agents, a line each. */
export const toAgentLines = (agents: readonly AgentListing[], options: ListOptions): string[] => {
  const more = agents.length - LISTED_MAX
  const lines = agents.slice(0, LISTED_MAX).map((agent) => toAgentLine(agent, options))
  return more > 0 ? [...lines, `… and ${more} more`] : lines
}
