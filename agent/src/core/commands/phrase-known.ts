import { isAgentName, toMatchKey } from '@ai-comms/shared'
import { toGroupKey } from './group-names.ts'
import type { NamedAgent } from './write-line.ts'

/** What a sentence may be about. */
export interface Known {
  /** Names of the groups that the person may use. */
  readonly groups: readonly string[]
  /** Names of the agents that are there; where nobody can say, one word with a capital letter may be one. */
  readonly agents?: readonly string[] | undefined
}

const ARTICLE = /^(?:the|my|our|der|die|das|dem|den|meine[rmn]?|unsere[rmn]?)\s+/iu
const GROUP_BEFORE = /^(?:group|gruppe)\s+/iu
const GROUP_BEHIND = /\s+(?:group|gruppe)$/iu
const LIST_MARK = /\s*[,;]\s*(?:(?:and|und|&)\s+)?|\s+(?:and|und|&)\s+/iu
const PROPER_NAME = /^\p{Lu}[\p{L}\p{Nd}._-]*$/u
const AGENT_BEFORE = /^(?:(?:the|an|den|dem|die|der)\s+)?(?:agents?|agenten)\s+/iu
const QUOTED = /^["“„«](.+)["”“»]$/u
/** An agent by its number: "the agent at +44 … with name Nova". */
const NUMBER_FIRST =
  /^(?:(?:the|den|an)\s+)?(?:agent(?:en)?\s+)?(?:at|with the number|unter|mit der nummer)\s+(?<number>\+[\d ()./-]{1,40}?)[\s,]+(?:(?:with|by)\s+(?:the\s+)?name|called|named|mit\s+(?:dem\s+)?namen|namens)\s+(?<name>.+)$/iu
/** "Nova at +44 …" */
const NUMBER_LAST = /^(?<name>.+?)\s+(?:at|with the number|unter|mit der nummer)\s+(?<number>\+[\d ()./-]{1,40})$/iu

/** A text without the quotation marks around it. */
export const unquote = (text: string): string => QUOTED.exec(text)?.[1] ?? text

/** Ways to read a text as a group's name: with and without its article and the word "group". */
const toReadings = (text: string): string[] => {
  const plain = text.replace(ARTICLE, '')
  const before = plain.replace(GROUP_BEFORE, '')
  return [text, plain, plain.replace(GROUP_BEHIND, ''), before, before.replace(GROUP_BEHIND, '')].map(unquote)
}

/** The group that a text names, as it is called. */
export const findKnownGroup = ({ groups }: Known, text: string): string | undefined => {
  const index = new Map(groups.map((name) => [toGroupKey(name), name]))
  return toReadings(text)
    .map((reading) => index.get(toGroupKey(reading)))
    .find((name) => name !== undefined)
}

/** The agent that a text names, as it is called. */
export const findKnownAgent = ({ agents }: Known, text: string): string | undefined => {
  const name = unquote(text.replace(AGENT_BEFORE, '')).normalize('NFKC')
  if (agents === undefined) return PROPER_NAME.test(name) && isAgentName(name) ? name : undefined
  return agents.find((agent) => toMatchKey(agent) === toMatchKey(name))
}

const readOne = (known: Known, text: string): NamedAgent | undefined => {
  const match = NUMBER_FIRST.exec(text) ?? NUMBER_LAST.exec(text)
  const { name = text, number } = match?.groups ?? {}
  const plain = unquote(name).normalize('NFKC')
  // several words are a name only where somebody is called so: a sentence has more of them
  const isName = isAgentName(plain) && (!plain.includes(' ') || findKnownAgent(known, plain) !== undefined)
  return isName ? { name: plain, ...(number === undefined ? {} : { number: number.trim() }) } : undefined
}

/** Agents that a text lists; undefined when something in it is none. */
export const readKnownAgents = (known: Known, text: string): NamedAgent[] | undefined => {
  const whole = readOne(known, text)
  if (whole !== undefined) return [whole]
  const agents = text
    .replace(AGENT_BEFORE, '')
    .split(LIST_MARK)
    .map((each) => readOne(known, each))
  const found = agents.filter((agent) => agent !== undefined)
  return found.length === agents.length ? found : undefined
}
