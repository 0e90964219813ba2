import { toMatchKey } from '@ai-comms/shared'
import { cutText } from '../cut-text.ts'
import { GROUP_TEXT_CHARS_MAX, MEMBERS_MAX } from '../groups/charter.ts'
import type { GroupFault, GroupOutcome, SayOutcome } from '../groups/group-outcomes.ts'
import type { GroupView, ShownMessage } from '../groups/group-view.ts'
import { GROUPS_MAX } from '../groups/rooms.ts'
import { NAME_RULE } from './group-creation.ts'
import { count, listNames, showName } from './words.ts'

/** How much of one message is shown, in UTF-16 units. */
const MESSAGE_CHARS_MAX = 1_500

/** How a group is made, for people. */
export const HOW_TO_MAKE = 'Make one like this: !group create "Research Team" Atlas Nova Bolt'

const MODES = { parallel: 'answer all at once', 'in-turn': 'answer in turn' } as const

const describe = ({ mode, creator, messages, missing }: GroupView): string =>
  [
    MODES[mode],
    `made by ${showName(creator)}`,
    `${count(messages, 'message')}${missing > 0 ? `, ${missing} missing` : ''}`,
  ].join(' · ')

/** Groups, a line each. */
export const showGroups = (groups: readonly GroupView[]): string =>
  groups.length === 0
    ? `You have no group yet. ${HOW_TO_MAKE}`
    : groups.map((group) => `• ${showName(group.name)}: ${listNames(group.members)} · ${describe(group)}`).join('\n')

/** Lines after the first stand in, so that no text looks like what somebody else has said. */
const toMessageLine = ({ author, text }: ShownMessage): string =>
  `${showName(author)}: ${cutText(text.trim(), MESSAGE_CHARS_MAX).replaceAll(/\r\n|[\n\r\u2028\u2029]/g, '\n    ')}`

/** A group and what was said in it last. */
export const showGroup = (group: GroupView, messages: readonly ShownMessage[]): string =>
  [
    `${showName(group.name)}: ${listNames(group.members)} · ${describe(group)}`,
    ...(group.purpose === undefined ? [] : [`Purpose: ${group.purpose.replaceAll(/\s+/g, ' ').trim()}`]),
    ...(messages.length === 0 ? ['Nothing was said in it yet.'] : messages.map(toMessageLine)),
  ].join('\n')

const tellMissing = (missing: readonly string[]): string[] =>
  missing.length === 0 ? [] : [`${listNames(missing)} could not be reached; !agents shows who is there.`]

/** What came of making a group. */
export const describeCreated = ({ group, missing }: Extract<GroupOutcome, { ok: true }>): string =>
  [
    `The group "${showName(group.name)}" is made: ${listNames(group.members)}, who ${MODES[group.mode]}.`,
    ...tellMissing(missing),
    `Write to all of them with !group send "${showName(group.name)}" <text>`,
  ].join('\n')

/** What came of adding members to a group. */
export const describeAdded = (
  before: GroupView,
  { group, missing }: Extract<GroupOutcome, { ok: true }>,
  wanted: readonly string[],
): string => {
  const members = new Set(before.members.map(toMatchKey))
  const added = group.members.filter((name) => !members.has(toMatchKey(name)))
  const already = wanted.filter((name) => members.has(toMatchKey(name)))
  const name = showName(group.name)
  const lines = [
    ...(added.length === 0 ? [] : [`${listNames(added)} ${added.length === 1 ? 'is' : 'are'} in "${name}" now.`]),
    ...(already.length === 0 ? [] : [`${listNames(already)} ${already.length === 1 ? 'was' : 'were'} in it already.`]),
    ...tellMissing(missing),
  ]
  return lines.length === 0 ? 'Nothing has changed.' : lines.join('\n')
}

/** What came of leaving a group. */
export const describeLeft = ({ name, creator }: GroupView, isCreator: boolean): string =>
  isCreator
    ? `"${showName(name)}" is closed for everybody, since this agent made it.`
    : `This agent has left "${showName(name)}"; ${showName(creator)}, which made it, is told.`

/** Who will answer what was said in a group. */
export const describeSaid = ({ group, answerers }: Extract<SayOutcome, { ok: true }>): string =>
  answerers.length === 0
    ? `Sent to "${showName(group.name)}".`
    : `Sent to "${showName(group.name)}". ${listNames(answerers)} will answer.`

/** What a fault is about. */
export interface FaultContext {
  /** Undefined where there is none yet. */
  readonly group?: GroupView | undefined
  readonly missing?: readonly string[] | undefined
  /** A member that was named. */
  readonly member?: string | undefined
}

const explainNobody = (missing: readonly string[] = []): string =>
  missing.length === 0
    ? 'Name at least one other agent; !agents shows who is there.'
    : `${listNames(missing)} could not be reached, so nothing was changed; !agents shows who is there.`

const explainMember = ({ group, member = '' }: FaultContext): string =>
  group !== undefined && toMatchKey(member) === toMatchKey(group.creator)
    ? `${showName(member)} made the group and stays in it; !group leave closes it for everybody.`
    : `${showName(member)} is not in the group. In it are ${listNames(group?.members ?? [])}.`

/** Why something was not done, and what to do about it. */
export const explainFault = (why: GroupFault, context: FaultContext = {}): string => {
  switch (why) {
    case 'bad_name':
      return NAME_RULE
    case 'name_taken':
      return 'This name is taken; choose another one for the group.'
    case 'nobody':
      return explainNobody(context.missing)
    case 'too_many_members':
      return `A group has at most ${MEMBERS_MAX} members, this agent included; name fewer, or make a second group.`
    case 'too_many_groups':
      return `This agent keeps at most ${GROUPS_MAX} groups; leave one that is not needed any more, with !group leave.`
    case 'no_such_group':
      return `There is no group of this name; !groups lists them. ${HOW_TO_MAKE}`
    case 'no_such_member':
      return explainMember(context)
    case 'not_the_creator':
      return `Only ${showName(context.group?.creator ?? 'the agent that made it')} can change who is in this group, since it made it; ask there.`
    case 'empty':
      return 'Write what is to be said behind the name of the group.'
    case 'too_long':
      return `A message to a group has at most ${GROUP_TEXT_CHARS_MAX} characters; send it in parts.`
    case 'storage':
      return 'This agent cannot write to its disk at the moment, so nothing was changed; try again later.'
  }
}
