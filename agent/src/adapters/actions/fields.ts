import { hasAtMostChars, isAgentName } from '@ai-comms/shared'
import { z } from 'zod'
import { isNewGroupName, toGroupName } from '../../core/commands/group-names.ts'
import { MEMBERS_MAX } from '../../core/groups/charter.ts'
import { toIdentity } from '../../core/identity.ts'

/** Longest text that a model may pass on, in characters. */
export const TEXT_CHARS_MAX = 10_000
/** Longest text that is looked at as a name, in UTF-16 units. */
const NAME_UNITS_MAX = 1_000

/*
 * Bounds are checked here and stand in the descriptions; a schema that holds them is more than some vendors take.
 */

/** A text of at most so many characters, as it is, without the white space around it. */
export const freeText = (description: string, charsMax = TEXT_CHARS_MAX) =>
  z
    .string({ error: 'must be a text' })
    .overwrite((text) => text.toWellFormed().trim())
    .refine((text) => text !== '', { error: 'must not be empty', abort: true })
    .refine((text) => hasAtMostChars(text, charsMax), { error: `must have at most ${charsMax} characters` })
    .describe(description)

const shortText = () =>
  z
    .string({ error: 'must be a name' })
    .refine((text) => text.length <= NAME_UNITS_MAX, { error: 'must be shorter', abort: true })

/** The name of an agent. It holds no quotation marks, so it cannot leave the quotes of a command. */
export const agentName = () =>
  shortText()
    .overwrite((text) => text.normalize('NFKC').replaceAll(/\s+/g, ' ').trim().replace(/^@/, ''))
    .refine(isAgentName, { error: 'must be the name of an agent' })
    .describe('Name of the agent, as the person writes it')

/** Several agents. */
export const agentNames = (description: string) =>
  z
    .array(agentName(), { error: 'must be a list of names' })
    .refine((names) => names.length > 0, { error: 'must name somebody' })
    .refine((names) => names.length <= MEMBERS_MAX, { error: `must be at most ${MEMBERS_MAX} names` })
    .describe(description)

/** The name of a group, without quotation marks and line breaks. */
export const groupName = (description = 'Name of the group, as the person writes it') =>
  shortText()
    .overwrite(toGroupName)
    .refine(isNewGroupName, { error: 'must be a name on one line, without quotation marks and not longer than 64' })
    .describe(description)

/** A phone number, as its digits with a plus. */
export const phoneNumber = (description: string) =>
  shortText()
    .refine((text) => /^\d+$/.test(toIdentity(text) ?? ''), { error: 'must be a phone number with its country code' })
    .overwrite((text) => `+${toIdentity(text)}`)
    .describe(description)
