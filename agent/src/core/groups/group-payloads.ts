import { type JsonValue, LIMITS } from '@ai-comms/shared'
import { PEER_TEXT_CHARS_MAX, toCount, toMembers, toText } from '../envelopes/payloads.ts'
import { findMember, MEMBERS_MAX } from './charter.ts'
import type { Charter, GroupMessage } from './ports.ts'

/** A sequence, a colon, an agent's id. */
const QUESTION_CHARS_MAX = LIMITS.ID_CHARS_MAX + 20

/** A message as it is sent; `floor` is the first of its writer's that can still be had. */
export const toMessagePayload = ({ groupId: _group, writer: _writer, ...said }: GroupMessage, floor: number) => ({
  type: 'said',
  floor,
  ...said,
})

/** A message of a member, and from where on its writer still has its own. */
export interface Said {
  readonly message: GroupMessage
  readonly floor: number
}

const readKind = (value: JsonValue | undefined) => (value === 'person' || value === 'agent' ? value : undefined)

const readAnswerers = (charter: Charter, value: JsonValue | undefined): string[] =>
  (Array.isArray(value) ? value : [])
    .slice(0, MEMBERS_MAX)
    .map((id) => toText(id, LIMITS.ID_CHARS_MAX))
    .filter((id) => id !== undefined && findMember(charter, id) !== undefined)
    .filter((id) => id !== undefined)

/** Reads what a member said; undefined when it is not of this shape. An agent speaks under its name in the charter. */
export const readSaid = (charter: Charter, writer: string, payload: JsonValue): Said | undefined => {
  const said = toMembers(payload)
  const member = findMember(charter, writer)
  const [sequence, clock, floor] = [said?.['sequence'], said?.['clock'], said?.['floor']].map((each) =>
    toCount(each, 1),
  )
  const text = toText(said?.['text'], PEER_TEXT_CHARS_MAX)
  const kind = readKind(said?.['kind'])
  if (!member || !kind || sequence === undefined || clock === undefined || text === undefined) return undefined
  const base = { groupId: charter.groupId, writer, sequence, clock, text }
  if (kind === 'agent') {
    const question = toText(said?.['question'], QUESTION_CHARS_MAX)
    // an agent only ever answers a person: without a question it has nothing to say here
    if (question === undefined) return undefined
    return { message: { ...base, kind, author: member.agentName, question }, floor: floor ?? 1 }
  }
  const author = toText(said?.['author'], LIMITS.ID_CHARS_MAX) ?? member.agentName
  const answerers = readAnswerers(charter, said?.['answerers'])
  return { message: { ...base, kind, author, answerers }, floor: floor ?? 1 }
}

/** How far a member is in a group, as it tells. */
export interface Ack {
  readonly have: number
  /** Later ones are there, and these are not. */
  readonly isMissing: boolean
  /** Of the charter that it has. */
  readonly version: number
}

/** What a note about a group says: how far its sender is, or that it leaves. */
export type GroupNote = { readonly groupId: string } & (
  | ({ readonly type: 'group-ack' } & Ack)
  | { readonly type: 'group-leave' }
)

/** Reads an `info` about a group; undefined when it is about something else. */
export const readNote = (payload: JsonValue): GroupNote | undefined => {
  const note = toMembers(payload)
  const groupId = toText(note?.['groupId'], LIMITS.ID_CHARS_MAX)
  if (groupId === undefined) return undefined
  if (note?.['type'] === 'group-leave') return { type: 'group-leave', groupId }
  const have = toCount(note?.['have'])
  const version = toCount(note?.['version'])
  if (note?.['type'] !== 'group-ack' || have === undefined || version === undefined) return undefined
  return { type: 'group-ack', groupId, have, version, isMissing: note['isMissing'] === true }
}

/** How far the creator is with each member, as it tells a newcomer. */
export const readHave = (payload: JsonValue): Map<string, number> => {
  const entries = Object.entries(toMembers(toMembers(payload)?.['have']) ?? {}).slice(0, MEMBERS_MAX)
  return new Map(entries.map(([agentId, have]) => [agentId, toCount(have) ?? 0]))
}
