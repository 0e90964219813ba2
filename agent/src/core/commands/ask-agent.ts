import { findNearest, toMatchKey } from '@ai-comms/shared'
import type { AgentListing } from '../discovery.ts'
import { HubCallError, type HubCalls } from '../hub-calls.ts'
import type { PeerAnswer, PeerRequest } from '../peers.ts'
import { type CommandCall, CommandError, NO_TASK_ID } from './command.ts'

/** What asking one agent takes. */
export interface AskAgentParts {
  readonly hub: Pick<HubCalls, 'callAgent'>
  /** Name of this agent, as it shows itself to those that it asks. */
  readonly self: string
  /** Everybody whom the hub lists or who announced itself; where the hub cannot be asked, who is known from before. */
  readonly listAgents: () => Promise<readonly AgentListing[]>
  /** Asks an agent that announced itself, over whatever carrier reaches it. */
  readonly askPeer: (request: PeerRequest) => Promise<PeerAnswer>
}

/** Failures after which nobody has the task, so that somebody else may be asked. */
const NOBODY_HAS_IT: ReadonlySet<string> = new Set(['agent_not_found', 'unreachable'])
/** Refusals of the hub, which hand the task to nobody. */
const REFUSED: ReadonlySet<string> = new Set([
  ...NOBODY_HAS_IT,
  ...['bad_request', 'unauthorized', 'forbidden', 'rate_limited', 'payload_too_large', 'not_found', 'loop_detected'],
  ...['agent_busy', 'hub_draining', 'storage_unavailable'],
])

const withHint = (sentence: string, near: readonly string[]): string =>
  near.length === 0 || sentence.includes('Did you mean') ? sentence : `${sentence} Did you mean ${near.join(' or ')}?`

/** A failure of the hub as a person may read it; anything else stays what it is. */
export const toCommandError = (error: unknown, near: readonly string[] = []): unknown =>
  error instanceof HubCallError
    ? new CommandError(withHint(error.message, error.suggestions.length > 0 ? error.suggestions : near), {
        cause: error,
      })
    : error

/** The answer, or an error as soon as the person gives up; what was sent is not called back. */
const untilGivenUp = <Value>(answer: Promise<Value>, signal: AbortSignal): Promise<Value> =>
  new Promise((resolve, reject) => {
    const giveUp = () => reject(new CommandError('The answer is not waited for any more.'))
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    void answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })

const describePeerAnswer = (name: string, answer: PeerAnswer): string => {
  switch (answer.status) {
    case 'answered':
      return `${name}: ${answer.text}`
    case 'failed':
      throw new CommandError(`${name} could not do it: ${answer.text}`)
    case 'silent':
      throw new CommandError(`${name} did not answer in time.`)
    case 'unreachable':
      throw new CommandError(`${name} cannot be reached at the moment.`)
    case 'busy':
      throw new CommandError('Too many questions wait for an answer already; try again later.')
    case 'loop':
      throw new CommandError('This was passed on too often.')
    case 'refused':
      throw new CommandError(`This cannot be sent to ${name}; a shorter text may do.`)
    case 'unknown':
      throw new CommandError(withHint(`Nobody answers to the name ${name}.`, answer.near))
  }
}

const findNear = (name: string, agents: readonly AgentListing[]): string[] => {
  const names = new Map(agents.map((agent) => [toMatchKey(agent.name), agent.name]))
  return findNearest(toMatchKey(name), names.keys()).map((key) => names.get(key) ?? key)
}

/** Gives one agent a task by the hub; one that the hub does not reach and that announced itself, by another way. */
export const askAgent = async (
  { hub, self, listAgents, askPeer }: AskAgentParts,
  { signal, onDelegated }: Pick<CommandCall, 'signal' | 'onDelegated'>,
  name: string,
  text: string,
): Promise<string> => {
  try {
    const answer = await hub.callAgent({ target: { agent: name }, message: text, sender: self }, signal)
    onDelegated(answer.agent, answer.taskId)
    return `${answer.agent}: ${answer.response}`
  } catch (error) {
    if (!(error instanceof HubCallError)) throw error
    if (!REFUSED.has(error.code)) onDelegated(name, NO_TASK_ID)
    if (!NOBODY_HAS_IT.has(error.code)) throw toCommandError(error)
    const agents = await listAgents()
    const peer = agents.find((agent) => agent.agentId !== undefined && toMatchKey(agent.name) === toMatchKey(name))
    if (peer === undefined) throw toCommandError(error, findNear(name, agents))
    onDelegated(peer.name, NO_TASK_ID)
    const asked = askPeer({ to: { agentName: peer.name }, text })
    return describePeerAnswer(peer.name, await untilGivenUp(asked, signal))
  }
}
