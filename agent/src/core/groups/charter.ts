import { hasAtMostChars, isAgentName, type JsonValue, LIMITS, toMatchKey } from '@ai-comms/shared'
import { type Members, toCount, toMembers, toText } from '../envelopes/payloads.ts'
import type { Peer } from '../envelopes/ports.ts'
import type { Charter, GroupMode } from './ports.ts'

/** Most members of a group, the creator too. */
export const MEMBERS_MAX = 16
/** Longest name of a group, in characters. */
export const GROUP_NAME_CHARS_MAX = 64
/** Longest purpose of a group, in characters. */
export const PURPOSE_CHARS_MAX = 500
/** Longest text that is said in a group, in UTF-16 units: an envelope holds it, however it is written and encrypted. */
export const GROUP_TEXT_CHARS_MAX = 16_000

const CHATS_MAX = 4

/** Whether a text may be the name of a group: one line, not only spaces. */
export const isGroupName = (name: string): boolean =>
  name.trim() === name && name !== '' && hasAtMostChars(name, GROUP_NAME_CHARS_MAX) && !/\p{Cc}/u.test(name)

/** A group's charter as its creator sends it. */
export const toPayload = (charter: Charter) => ({ type: 'charter', ...charter })

const readChats = (value: JsonValue | undefined): Record<string, string> => {
  const entries = Object.entries(toMembers(value) ?? {}).slice(0, CHATS_MAX)
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof toText(entry[1], LIMITS.ID_CHARS_MAX) === 'string'),
  )
}

const readMember = (value: JsonValue): Peer | undefined => {
  const members = toMembers(value)
  const agentId = toText(members?.['agentId'], LIMITS.ID_CHARS_MAX)
  const agentName = toText(members?.['agentName'], LIMITS.ID_CHARS_MAX)
  if (agentId === undefined || agentId === '' || agentName === undefined || !isAgentName(agentName)) return undefined
  const chats = readChats(members?.['chats'])
  return { agentId, agentName, ...(Object.keys(chats).length === 0 ? {} : { chats }) }
}

const readMode = (value: JsonValue | undefined): GroupMode | undefined =>
  value === 'parallel' || value === 'in-turn' ? value : undefined

const readPeers = (value: JsonValue | undefined): Peer[] | undefined => {
  if (!Array.isArray(value) || value.length > MEMBERS_MAX) return undefined
  const peers = value.map(readMember).filter((peer) => peer !== undefined)
  const ids = new Set(peers.map(({ agentId }) => agentId))
  const names = new Set(peers.map(({ agentName }) => toMatchKey(agentName)))
  return [peers.length, ids.size, names.size].every((count) => count === value.length) ? peers : undefined
}

const readHead = (payload: Members) => {
  const groupId = toText(payload['groupId'], LIMITS.ID_CHARS_MAX)
  const name = toText(payload['name'], GROUP_NAME_CHARS_MAX)
  const creator = toText(payload['creator'], LIMITS.ID_CHARS_MAX)
  const version = toCount(payload['version'], 1)
  if (groupId === undefined || groupId === '' || name === undefined || !isGroupName(name)) return undefined
  return creator === undefined || version === undefined ? undefined : { groupId, name, creator, version }
}

/** Reads a charter from a peer's payload; undefined when it is none. */
export const readCharter = (value: JsonValue): Charter | undefined => {
  const payload = toMembers(value)
  const head = payload && readHead(payload)
  const mode = readMode(payload?.['mode'])
  const members = readPeers(payload?.['members'])
  if (!head || !mode || !members) return undefined
  const purpose = toText(payload?.['purpose'], PURPOSE_CHARS_MAX)
  return { ...head, mode, members, ...(purpose === undefined ? {} : { purpose }) }
}

/** The member of an id. */
export const findMember = ({ members }: Charter, agentId: string): Peer | undefined =>
  members.find((member) => member.agentId === agentId)

/**
 * Members whose names a text mentions, as whole words, whatever the case; with or without an `@`. Undefined when it
 * mentions nobody and so is for everybody.
 */
export const findMentioned = ({ members }: Charter, text: string): Peer[] | undefined => {
  const folded = text.normalize('NFKC').toLowerCase()
  const mentioned = members.filter(({ agentName }) => isMentioned(folded, toMatchKey(agentName)))
  return mentioned.length === 0 ? undefined : mentioned
}

const WORD = /[\p{L}\p{N}\p{M}_]/u

/** Looks at each place by itself: names are a stranger's text, so no pattern is made of them. */
const isMentioned = (text: string, name: string): boolean => {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const before = text.slice(Math.max(0, at - 2), at).at(-1) ?? ''
    const after = text.slice(at + name.length, at + name.length + 1)
    if (!WORD.test(before) && !WORD.test(after)) return true
  }
  return false
}
