import { describeIssues } from '@ai-comms/shared'
import { z } from 'zod'
import type { ActionReading } from '../../core/commands/actions.ts'
import type { CommandLine } from '../../core/commands/command-line.ts'
import { readTeamWish } from '../../core/commands/team.ts'
import { WRITE } from '../../core/commands/write-line.ts'
import { PURPOSE_CHARS_MAX } from '../../core/groups/charter.ts'
import type { Tool } from '../../core/ports.ts'
import { agentName, agentNames, freeText, groupName, phoneNumber } from './fields.ts'

/** One thing that a model may ask for. */
export interface ActionRow {
  readonly tool: Tool
  readonly read: (input: unknown) => ActionReading
}

/** Longest complaint, in UTF-16 units. */
const COMPLAINT_UNITS_MAX = 500

const refuse = (name: string, why: string): ActionReading => ({
  ok: false,
  complaint: `${name}: ${why}`.slice(0, COMPLAINT_UNITS_MAX).toWellFormed(),
})

/** The schema as vendors take it: an object with members and nothing else. */
const toParameters = (schema: z.ZodObject): Tool['parameters'] => {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' })
  return { type: 'object', properties, required, additionalProperties: false }
}

/** The names of what is not known are a model's text, and not repeated. */
const explainShape = ({ code }: { readonly code?: string | undefined }): string =>
  code === 'unrecognized_keys' ? 'has members that are not known' : 'must be an object'

const row = <Shape extends z.ZodRawShape>(
  name: string,
  description: string,
  shape: Shape,
  toLine: (input: z.output<z.ZodObject<Shape, z.core.$strict>>) => CommandLine | undefined,
): ActionRow => {
  const schema = z.strictObject(shape, { error: explainShape })
  const read = (input: unknown): ActionReading => {
    const parsed = schema.safeParse(input)
    if (!parsed.success) return refuse(name, describeIssues(parsed.error))
    const line = toLine(parsed.data)
    return line === undefined ? refuse(name, 'this does not go together.') : { ok: true, line }
  }
  return { tool: { name, description, parameters: toParameters(schema) }, read }
}

const toNamed = (names: readonly string[]) => names.map((name) => ({ name }))

/** A task that would be read as another wish is none. */
const startTeam = (task: string): CommandLine | undefined => {
  const line = WRITE.startTeam(task)
  return line !== undefined && readTeamWish(line).kind === 'start' ? line : undefined
}

const ONLY_IF_ASKED = 'Only when the person asks for it; otherwise answer in words.'

/** All that a model may ask for in a person's name: nothing that is for admins, and nothing that wipes what is remembered. */
export const ACTION_ROWS: readonly ActionRow[] = [
  row('list_agents', `Shows which other agents there are and who is online. ${ONLY_IF_ASKED}`, {}, WRITE.listAgents),
  row(
    'ask_agent',
    'Passes a question or task to one other agent and shows its answer. Only when the person asks to tell or ask that agent something; otherwise answer in words yourself.',
    { agent: agentName(), message: freeText('What the agent is told or asked, complete in itself') },
    ({ agent, message }) => WRITE.askAgent(agent, message),
  ),
  row(
    'ask_all_agents',
    'Asks every agent that is online the same question and shows all answers. Only when the person asks to ask everybody; otherwise answer in words yourself.',
    { message: freeText('What everybody is asked, complete in itself') },
    ({ message }) => WRITE.askAll(message),
  ),
  row(
    'start_team',
    'Has a task divided among several agents, which work at the same time, and reports one result. Only when the person asks for a team or for several agents to work together on something; otherwise answer in words yourself.',
    { task: freeText('The whole task, complete in itself') },
    ({ task }) => startTeam(task),
  ),
  row('stop_team', `Stops the team that is at work in this chat. ${ONLY_IF_ASKED}`, {}, WRITE.stopTeam),
  row('list_groups', `Shows the groups that the person has. ${ONLY_IF_ASKED}`, {}, WRITE.listGroups),
  row(
    'create_group',
    'Makes a group of agents that talk with each other and the person. Only when the person asks to make a group; otherwise answer in words.',
    {
      name: groupName('Name of the new group; where the person gives none, a short one such as "Research Team"'),
      members: agentNames('Names of the agents in it'),
      purpose: freeText(`What the group is for, at most ${PURPOSE_CHARS_MAX} characters`, PURPOSE_CHARS_MAX).optional(),
      mode: z
        .enum(['parallel', 'in-turn'], { error: 'must be parallel or in-turn' })
        .describe('parallel: all answer at once. in-turn: one after the other, each having read those before it')
        .optional(),
    },
    ({ members, ...group }) => WRITE.createGroup({ ...group, members: toNamed(members) }),
  ),
  row(
    'add_to_group',
    `Takes agents into a group that there is already. ${ONLY_IF_ASKED}`,
    {
      group: groupName(),
      members: agentNames('Names of the agents to add'),
      phone_number: phoneNumber(
        'Number of the agent, with its country code; only where the person gives one, and for one agent at a time',
      ).optional(),
    },
    ({ group, members, phone_number: number }) =>
      number !== undefined && members.length > 1
        ? undefined
        : WRITE.addToGroup(
            group,
            members.map((name) => ({ name, number })),
          ),
  ),
  row(
    'remove_from_group',
    `Takes agents out of a group. ${ONLY_IF_ASKED}`,
    { group: groupName(), members: agentNames('Names of the agents to take out') },
    ({ group, members }) => WRITE.removeFromGroup(group, toNamed(members)),
  ),
  row(
    'send_to_group',
    'Says something in a group, and each of its agents answers. Only when the person asks to tell or ask a group something; otherwise answer in words yourself.',
    { group: groupName(), message: freeText('What is said in the group, in the words of the person') },
    ({ group, message }) => WRITE.sendToGroup(group, message),
  ),
  row(
    'leave_group',
    `Leaves a group, or closes it where this agent made it. ${ONLY_IF_ASKED}`,
    { group: groupName() },
    ({ group }) => WRITE.leaveGroup(group),
  ),
  row(
    'show_group',
    `Shows who is in a group and what was said in it last. ${ONLY_IF_ASKED}`,
    { group: groupName() },
    ({ group }) => WRITE.showGroup(group),
  ),
]
