import { type AgentView, findNearest, type HealthAnswer, toMatchKey } from '@ai-comms/shared'
import { HubCallError, type HubCalls } from '../hub-calls.ts'
import { type Command, type CommandCall, CommandError, explainUsage } from './command.ts'
import { readRest } from './command-line.ts'

/** An agent that is known by its own announcement. */
export interface AnnouncedAgent {
  readonly name: string
  readonly workspace: string
  readonly skills: readonly string[]
  /** Epoch milliseconds. */
  readonly lastSeenAt: number | undefined
}

/** What the command asks of the world. */
export interface AgentsCommandParts {
  readonly hub: HubCalls
  /** Name of this agent, as it shows itself to those that it asks. */
  readonly self: string
  readonly listAnnounced: () => readonly AnnouncedAgent[]
  readonly now: () => number
}

/** Agents that are listed at most; the rest is counted. */
const LISTED_MAX = 50

const USAGE = [
  '!agents',
  '!agents list',
  '!agents status',
  '!agents send <name> <task>   (a name with spaces in quotes)',
  '!agents all <task>',
]

/** How long ago something was, for people. */
export const tellAge = (ageMs: number): string => {
  const seconds = Math.max(0, Math.round(ageMs / 1_000))
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min ago`
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h ago` : `${Math.round(seconds / 86_400)} days ago`
}

const toHubLine = ({ status, agents, uptime }: HealthAnswer): string =>
  `Hub: ${status}, ${agents} agent(s) online, up ${tellAge(uptime * 1_000).replace(' ago', '')}`

const toAgentLine = (agent: AgentView, now: number): string => {
  const parts = [
    ...(agent.workspace === '' ? [] : [agent.workspace]),
    ...(agent.skills.length === 0 ? [] : [agent.skills.join(', ')]),
    agent.inFlight === 0 ? 'free' : `${agent.inFlight} in flight`,
    `seen ${tellAge(now - Date.parse(agent.lastSeen))}`,
  ]
  return `• ${agent.name}: ${parts.join(' · ')}`
}

const toAnnouncedLine = ({ name, workspace, skills, lastSeenAt }: AnnouncedAgent, now: number): string => {
  const parts = [
    'not at the hub',
    ...(workspace === '' ? [] : [workspace]),
    ...(skills.length === 0 ? [] : [skills.join(', ')]),
    ...(lastSeenAt === undefined ? [] : [`heard ${tellAge(now - lastSeenAt)}`]),
  ]
  return `• ${name}: ${parts.join(' · ')}`
}

/** A failure of the hub as a person may read it. */
export const toCommandError = (error: unknown): unknown => {
  if (!(error instanceof HubCallError)) return error
  const hint = error.suggestions.length === 0 ? '' : ` Did you mean ${error.suggestions.join(', ')}?`
  return new CommandError(error.message.includes('Did you mean') ? error.message : `${error.message}${hint}`, {
    cause: error,
  })
}

const list = async ({ hub, listAnnounced, now }: AgentsCommandParts): Promise<string> => {
  const [health, agents] = await Promise.all([hub.readHealth(), hub.listAgents()])
  const online = new Set(agents.map(({ name }) => toMatchKey(name)))
  const lines = [
    ...agents.map((agent) => toAgentLine(agent, now())),
    ...listAnnounced()
      .filter(({ name }) => !online.has(toMatchKey(name)))
      .map((agent) => toAnnouncedLine(agent, now())),
  ]
  const more = lines.length - LISTED_MAX
  return [toHubLine(health), ...lines.slice(0, LISTED_MAX), ...(more > 0 ? [`… and ${more} more`] : [])].join('\n')
}

const send = async ({ hub, self }: AgentsCommandParts, { line, signal, say }: CommandCall): Promise<string> => {
  const name = line.words[1]?.text
  const message = readRest(line, 2)
  if (name === undefined || message === '') throw explainUsage({ usage: USAGE })
  await say(`Asking ${name} …`)
  const { agent, response } = await hub.callAgent({ target: { agent: name }, message, sender: self }, signal)
  return `${agent}: ${response}`
}

const sendAll = async ({ hub, self }: AgentsCommandParts, { line, say }: CommandCall): Promise<string> => {
  const message = readRest(line, 1)
  if (message === '') throw explainUsage({ usage: USAGE })
  await say('Asking everybody …')
  const results = await hub.broadcast(message, self)
  if (results.length === 0) return 'Nobody is online.'
  return results
    .map((result) =>
      result.success ? `${result.agent}: ${result.response}` : `${result.agent}: (failed) ${result.error}`,
    )
    .join('\n\n')
}

/** `!agents`: who is there, and work for one or for all. */
export const agentsCommand = (parts: AgentsCommandParts): Command => ({
  name: 'agents',
  usage: USAGE,
  summary: 'who is there; send a task to one of them or to all',
  isForAdmins: false,
  run: async (call) => {
    const verb = call.line.words[0]?.text.toLowerCase() ?? 'list'
    try {
      switch (verb) {
        case 'list':
        case 'status':
          return await list(parts)
        case 'send':
          return await send(parts, call)
        case 'all':
          return await sendAll(parts, call)
        default: {
          const [nearest] = findNearest(verb, ['list', 'status', 'send', 'all'])
          throw nearest === undefined
            ? explainUsage({ usage: USAGE })
            : new CommandError(`!agents has no "${verb}". Did you mean !agents ${nearest}?`)
        }
      }
    } catch (error) {
      throw toCommandError(error)
    }
  },
})
