import type { AgentView } from '@ai-comms/shared'
import type { Command, CommandCall } from '../core/commands/command.ts'
import { type CommandLine, parseCommandLine } from '../core/commands/command-line.ts'
import type { SecurityView, StatusView } from '../core/commands/describe.ts'
import type { CommandOutcome } from '../core/commands/run-command.ts'
import { runCommand } from '../core/commands/run-command.ts'
import { type CommandTableParts, commandTable } from '../core/commands/table.ts'
import type { AgentListing } from '../core/discovery.ts'
import { HubCallError } from '../core/hub-calls.ts'
import type { TeamOrder } from '../core/team/team-run.ts'
import { PeerNetwork } from './peer-network.ts'

/** When everything happens in tests of commands. */
export const NOW = Date.UTC(2026, 0, 1)

/** An agent as the hub lists it. */
export const toAgentView = (name: string, given: Partial<AgentView> = {}): AgentView => ({
  ...{ id: name, name, workspace: 'local', skills: ['sums'], inFlight: 0, protocol: 2 },
  connectedAt: new Date(NOW - 60_000).toISOString(),
  lastSeen: new Date(NOW - 5_000).toISOString(),
  ...given,
})

/** A hub that answers everything, until it is told how it fails. */
export class FakeHub {
  readonly asked: unknown[] = []
  failure: HubCallError | undefined

  async readHealth() {
    this.#fail()
    return { status: 'ok' as const, agents: 2, uptime: 7_200, version: '1' }
  }

  async callAgent(task: { readonly target: object; readonly message: string }) {
    this.asked.push(task)
    this.#fail()
    return { agent: 'atlas', response: 'done', taskId: 't1' }
  }

  async broadcast(message: string) {
    this.asked.push(message)
    this.#fail()
    return [
      { success: true as const, agent: 'atlas', response: 'well' },
      { success: false as const, agent: 'nova', error: 'The agent is gone.', code: 'agent_disconnected' as const },
    ]
  }

  #fail(): void {
    if (this.failure) throw this.failure
  }
}

/** A hub that is not there. */
export const UNREACHABLE = new HubCallError('unreachable', 'The hub cannot be reached.')

/** Agents as a list of them has them: one at the hub, one busy there, one that announced itself elsewhere. */
const LISTINGS: readonly AgentListing[] = [
  { name: 'atlas', workspace: 'local', skills: ['sums'], isOnline: true, inFlight: 0, lastSeenAt: NOW - 5_000 },
  { name: 'Network AI', workspace: '', skills: [], isOnline: true, inFlight: 2, lastSeenAt: NOW - 5_000 },
  { name: 'pico', agentId: 'p1', workspace: 'home', skills: ['lamps'], lastSeenAt: NOW - 7_200_000 },
]

/** How an agent is that has nothing to do. */
export const STATUS: StatusView = {
  ...{ agent: 'Atlas', status: 'ok', link: 'online', storage: 'ok', teams: 0, uptime: 7_200, version: '1.2.3' },
  tasks: { running: 1, waiting: 2 },
  messages: { running: 0, waiting: 0 },
}

/** An agent that is open to everybody. */
export const SECURITY: SecurityView = {
  rules: {
    ...{ allowed: undefined, blocked: new Set(), admins: new Set() },
    ...{ charsMax: 5_000, rateMax: 30, rateWindowMs: 60_000 },
  },
  ...{ isSigning: false, isEncrypting: false, requireAuth: false, refused: 0, blocked: 0 },
}

/** Who gives a command, unless it is somebody else. */
export const MIA = { id: 'mia', isAdmin: false }

/** Everything that was told to the world. */
export interface Told {
  readonly said: string[]
  readonly orders: TeamOrder[]
  readonly asked: unknown[]
  readonly delegated: string[]
}

/** Gives a command in some person's name. */
export const giveTo =
  (commands: readonly Command[], { said, delegated }: Pick<Told, 'said' | 'delegated'>) =>
  (text: string | CommandLine, given: Partial<CommandCall['speaker']> = {}, signal = new AbortController().signal) => {
    const line = typeof text === 'string' ? parseCommandLine(text) : text
    if (line === undefined) throw new Error(`No command: ${text}`)
    return runCommand(commands, {
      line,
      chat: { id: 'c', isGroup: false },
      speaker: { ...MIA, ...given },
      say: async (sentence) => void said.push(sentence),
      onDelegated: (to, taskId) => delegated.push(`${to} ${taskId}`),
      signal,
    })
  }

/** All commands of an agent called Atlas, with a hub that is played and groups that are real. */
export const setUpCommands = (more: Partial<CommandTableParts> = {}) => {
  const network = new PeerNetwork()
  const atlas = network.add('Atlas')
  const hub = new FakeHub()
  const told: Told = { said: [], orders: [], asked: [], delegated: [] }
  const commands = commandTable({
    ...{ hub, self: 'Atlas', now: () => NOW, desk: atlas.peers.groups },
    listAgents: async () => LISTINGS,
    askPeer: async () => ({ status: 'silent' }),
    startTeam: (order) => void told.orders.push(order),
    stopTeam: async () => true,
    nameOf: ({ id }) => `the person ${id}`,
    onAsked: (chat, { group, answerers }) => void told.asked.push([chat.id, group.name, ...answerers]),
    readStatus: () => STATUS,
    readProviders: () => ({ chain: [], tokensToday: 0 }),
    readSecurity: () => SECURITY,
    readLogs: async (count) => [`last ${count}`],
    forget: () => ({ kind: 'forgotten', exchanges: 0 }),
    ...more,
  })
  const give = giveTo(commands, told)
  /** Gives a command, and lets agents be asked who they are. */
  const giveAndWait = async (...given: Parameters<typeof give>): Promise<CommandOutcome> => {
    const outcome = give(...given)
    await network.rest()
    return outcome
  }
  return { network, atlas, hub, commands, ...told, give, giveAndWait }
}
