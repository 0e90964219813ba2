import { findNearest } from '@ai-comms/shared'
import { HubCallError, type HubCalls } from '../hub-calls.ts'
import { toAgentLines, toHubLine } from './agent-lines.ts'
import { type AskAgentParts, askAgent, toCommandError } from './ask-agent.ts'
import { type Command, type CommandCall, CommandError, explainUsage, NO_TASK_ID } from './command.ts'
import { readAfterWord, readRest } from './command-line.ts'

/** What the command asks of the world. */
export interface AgentsCommandParts extends AskAgentParts {
  readonly hub: Pick<HubCalls, 'readHealth' | 'callAgent' | 'broadcast'>
  /** Epoch milliseconds. */
  readonly now: () => number
}

const USAGE = [
  '!agents',
  '!agents list',
  '!agents status',
  '!agents send <name> <task>   (a name with spaces in quotes)',
  '!agents all <task>',
]

/** How the hub is; undefined and why, where it cannot be asked. */
const readHubLine = async ({ hub }: AgentsCommandParts): Promise<{ line: string; isHubThere: boolean }> => {
  try {
    return { line: toHubLine(await hub.readHealth()), isHubThere: true }
  } catch (error) {
    if (!(error instanceof HubCallError)) throw error
    return { line: `The hub cannot be asked at the moment: ${error.message}`, isHubThere: false }
  }
}

const list = async (parts: AgentsCommandParts): Promise<string> => {
  const [{ line, isHubThere }, agents] = await Promise.all([readHubLine(parts), parts.listAgents()])
  const lines = toAgentLines(agents, { self: parts.self, now: parts.now(), isHubThere })
  if (isHubThere) return [line, ...lines].join('\n')
  return [line, ...(lines.length === 0 ? ['Nobody is known from before.'] : ['Known from before:', ...lines])].join(
    '\n',
  )
}

const send = async (parts: AgentsCommandParts, call: CommandCall): Promise<string> => {
  const word = call.line.words[1]
  const name = word?.isQuoted ? word.text : word?.text.replace(/:$/, '')
  const text = word === undefined ? '' : readAfterWord(call.line, word)
  if (name === undefined || name === '' || text === '') throw explainUsage({ usage: USAGE })
  await call.say(`Asking ${name} …`)
  return askAgent(parts, call, name, text)
}

const sendAll = async ({ hub, self }: AgentsCommandParts, { line, say, onDelegated }: CommandCall): Promise<string> => {
  const message = readRest(line, 1)
  if (message === '') throw explainUsage({ usage: USAGE })
  await say('Asking everybody …')
  const results = await hub.broadcast(message, self)
  if (results.length === 0) return 'Nobody is online.'
  for (const { agent } of results) onDelegated(agent, NO_TASK_ID)
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
