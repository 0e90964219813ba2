import { findNearest, toMatchKey } from '@ai-comms/shared'
import type { GroupDesk } from '../groups/group-desk.ts'
import type { SayOutcome } from '../groups/group-outcomes.ts'
import type { GroupView } from '../groups/group-view.ts'
import type { Chat } from '../message.ts'
import { readAgentNames } from './agent-names.ts'
import { type Command, type CommandCall, CommandError, explainUsage, type Speaker } from './command.ts'
import { readCreation } from './group-creation.ts'
import { mayUse, readGroup } from './group-names.ts'
import * as texts from './group-texts.ts'
import { listNames, listWords, showName } from './words.ts'

/** What the commands ask of the world. */
export interface GroupCommandParts {
  /** Name of this agent. */
  readonly self: string
  readonly desk: Pick<GroupDesk, 'list' | 'show' | 'create' | 'add' | 'remove' | 'leave' | 'say'>
  /** How a person appears to a group as the author of a message. */
  readonly nameOf: (speaker: Speaker) => string
  /** Told when a message went to a group, so that it can be shown that answers are awaited. */
  readonly onAsked: (chat: Chat, said: Extract<SayOutcome, { ok: true }>) => void
}

type Act = (parts: GroupCommandParts, call: CommandCall) => Promise<string>

const LIST_USAGE = ['!groups']
const USAGE = [
  '!group create "Research Team" Atlas Nova Bolt',
  '!group create "Research Team" Atlas, Nova mode: in-turn purpose: <what it is for>',
  '!group add "Research Team" Zed',
  '!group add "Research Team" Zed +49 171 1234567',
  '!group remove "Research Team" Nova',
  '!group send "Research Team" <text>',
  '!group show "Research Team" [number of messages]',
  '!group leave "Research Team"   (closes it, where this agent made it)',
]
/** Messages that are shown unless another number is given. */
const SHOWN_DEFAULT = 10
/** Most messages that are shown at once. */
export const SHOWN_MAX = 50

/** The groups that a person may see and act in: the own ones, and for an admin all. */
export const listUsableGroups = (desk: Pick<GroupDesk, 'list'>, speaker: Speaker): GroupView[] =>
  desk.list().filter((group) => mayUse(group, speaker))

/** The group that a line names, and what stands behind the name. @throws {CommandError} when it is not there for this person */
const findGroup = ({ desk }: GroupCommandParts, { line, speaker }: CommandCall): { group: GroupView; rest: string } => {
  const reading = readGroup(line, listUsableGroups(desk, speaker))
  switch (reading.kind) {
    case 'found':
      return reading
    case 'unnamed':
      throw explainUsage({ usage: USAGE })
    case 'unknown': {
      const { wanted, near } = reading
      const hint = near.length === 0 ? '' : ` Did you mean ${listWords(near.map((name) => `"${showName(name)}"`))}?`
      throw new CommandError(`There is no group "${showName(wanted)}".${hint} !groups lists yours.`)
    }
  }
}

/** Agents that stand in a text. @throws {CommandError} when it names none */
const readMembers = (text: string) => {
  const reading = readAgentNames(text)
  if (!reading.ok) throw new CommandError(reading.complaint)
  if (reading.agents.length === 0) throw explainUsage({ usage: USAGE })
  return reading.agents
}

const namesOf = (agents: readonly { readonly agentName: string }[]): string[] =>
  agents.map(({ agentName }) => agentName)

const list: Act = async ({ desk }, { speaker }) => texts.showGroups(listUsableGroups(desk, speaker))

const create: Act = async ({ desk }, { line, speaker, say }) => {
  const reading = readCreation(line)
  if (!reading.ok) {
    throw reading.complaint === undefined ? explainUsage({ usage: USAGE }) : new CommandError(reading.complaint)
  }
  const { wanted } = reading
  await say(`Asking ${listNames(namesOf(wanted.members))} …`)
  const outcome = await desk.create({ ...wanted, owner: speaker.id })
  if (!outcome.ok) throw new CommandError(texts.explainFault(outcome.why, outcome))
  return texts.describeCreated(outcome)
}

const add: Act = async (parts, call) => {
  const { group, rest } = findGroup(parts, call)
  const agents = readMembers(rest)
  await call.say(`Asking ${listNames(namesOf(agents))} …`)
  const outcome = await parts.desk.add(group.groupId, agents)
  if (!outcome.ok) throw new CommandError(texts.explainFault(outcome.why, { group, missing: outcome.missing }))
  return texts.describeAdded(group, outcome, namesOf(agents))
}

/** A name of several words needs no quotes where it is a member's. */
const readLeavers = (group: GroupView, text: string): string[] => {
  const whole = group.members.find((name) => toMatchKey(name) === toMatchKey(text))
  return whole === undefined ? namesOf(readMembers(text)) : [whole]
}

const remove: Act = async (parts, call) => {
  const { group, rest } = findGroup(parts, call)
  const lines = readLeavers(group, rest).map((member) => {
    const outcome = parts.desk.remove(group.groupId, member)
    if (outcome.ok) return { isDone: true, text: `${showName(member)} is not in "${showName(group.name)}" any more.` }
    return { isDone: false, text: texts.explainFault(outcome.why, { group, member }) }
  })
  const text = lines.map((line) => line.text).join('\n')
  if (lines.every(({ isDone }) => !isDone)) throw new CommandError(text)
  return text
}

const send: Act = async (parts, call) => {
  const { group, rest } = findGroup(parts, call)
  const said = parts.desk.say(group.groupId, rest, parts.nameOf(call.speaker))
  if (!said.ok) throw new CommandError(texts.explainFault(said.why, { group }))
  parts.onAsked(call.chat, said)
  return texts.describeSaid(said)
}

const leave: Act = async (parts, call) => {
  const { group, rest } = findGroup(parts, call)
  if (rest !== '') throw explainUsage({ usage: USAGE })
  const outcome = parts.desk.leave(group.groupId)
  if (!outcome.ok) throw new CommandError(texts.explainFault(outcome.why, { group }))
  return texts.describeLeft(group, toMatchKey(group.creator) === toMatchKey(parts.self))
}

const show: Act = async (parts, call) => {
  const { group, rest } = findGroup(parts, call)
  const most = rest === '' ? SHOWN_DEFAULT : /^\d{1,3}$/.test(rest) ? Number(rest) : 0
  if (most < 1 || most > SHOWN_MAX) throw new CommandError(`!group show takes a number from 1 to ${SHOWN_MAX}.`)
  const shown = parts.desk.show(group.groupId, most)
  if (shown === undefined) throw new CommandError(texts.explainFault('no_such_group'))
  return texts.showGroup(shown.group, shown.messages)
}

const ACTS: ReadonlyMap<string, Act> = new Map([
  ['create', create],
  ['add', add],
  ['remove', remove],
  ['send', send],
  ['show', show],
  ['leave', leave],
  ['list', list],
])

const toCommand = (name: string, usage: readonly string[], summary: string, alone: Act, parts: GroupCommandParts) => ({
  name,
  usage,
  summary,
  isForAdmins: false,
  run: async (call: CommandCall) => {
    const verb = call.line.words[0]?.text.toLowerCase()
    const act = verb === undefined ? alone : ACTS.get(verb)
    if (act !== undefined) return act(parts, call)
    const [nearest] = findNearest(verb ?? '', ACTS.keys())
    if (nearest === undefined) throw explainUsage({ usage: USAGE })
    throw new CommandError(`!group has no "${showName(verb ?? '')}". Did you mean !group ${nearest}?`)
  },
})

/** `!groups` lists a person's groups; `!group` makes and changes them, and speaks in them. */
export const groupCommands = (parts: GroupCommandParts): Command[] => [
  toCommand('groups', LIST_USAGE, 'your groups of agents', list, parts),
  toCommand(
    'group',
    USAGE,
    'makes a group, changes who is in it, and speaks in it',
    async () => {
      throw explainUsage({ usage: USAGE })
    },
    parts,
  ),
]
