import { findNearest, toMatchKey } from '@ai-comms/shared'
import { isGroupName } from '../groups/charter.ts'
import type { GroupView } from '../groups/group-view.ts'
import type { Speaker } from './command.ts'
import { type CommandLine, type CommandWord, readAfterWord } from './command-line.ts'

/** Longest piece of a line that may be a group's name, in UTF-16 units, however it is spaced. */
const NAME_UNITS_MAX = 256
/** What a name could not be told from its surroundings with. */
const UNWRITABLE = /["“”„«»\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/u

/** What a line says of a group. */
export type GroupReading<Group> =
  | { readonly kind: 'found'; readonly group: Group; readonly rest: string }
  | { readonly kind: 'unnamed' }
  | { readonly kind: 'unknown'; readonly wanted: string; readonly near: readonly string[] }

/** The form in which names of groups are compared: case, spaces and the slant of an apostrophe do not count. */
export const toGroupKey = (name: string): string => toMatchKey(name).replaceAll(/\s+/g, ' ').replaceAll('’', "'").trim()

/** A name as a new group gets it. */
export const toGroupName = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

/** Whether a group may be made with this name: one that can be written in a command again. */
export const isNewGroupName = (name: string): boolean => isGroupName(name) && !UNWRITABLE.test(name)

/** Whether a person may see a group and act in it. Nobody else learns that it is there. */
export const mayUse = ({ owner }: Pick<GroupView, 'owner'>, { id, isAdmin }: Speaker): boolean =>
  isAdmin || owner === id

/** By name, those that were made here before those of others. */
const toIndex = <Group extends Pick<GroupView, 'name' | 'owner'>>(groups: readonly Group[]): Map<string, Group> => {
  const ordered = [...groups].sort((one, other) => Number(one.owner === undefined) - Number(other.owner === undefined))
  const index = new Map<string, Group>()
  for (const group of ordered) {
    const key = toGroupKey(group.name)
    if (!index.has(key)) index.set(key, group)
  }
  return index
}

interface Beginning {
  /** The word with which it ends. */
  readonly last: CommandWord
  readonly key: string
  readonly words: number
}

/** What a line has behind its verb, word by word, as far as it may be a name. */
const listBeginnings = (line: CommandLine): Beginning[] => {
  const beginnings: Beginning[] = []
  let text = ''
  for (const last of line.words.slice(1)) {
    // quotes hold a whole name, or what comes after it
    if (last.isQuoted && beginnings.length > 0) break
    text = `${text} ${last.text}`
    if (text.length > NAME_UNITS_MAX) break
    beginnings.push({ last, key: toGroupKey(text), words: beginnings.length + 1 })
    if (last.isQuoted) break
  }
  return beginnings
}

/** A colon or comma that stands behind a name and belongs to the sentence. */
const withoutMark = (key: string): string => key.replace(/[:,]$/, '')

/** The group that stands behind a line's verb: in quotes, or as the longest name of one that the line goes on with. */
export const readGroup = <Group extends Pick<GroupView, 'name' | 'owner'>>(
  line: CommandLine,
  groups: readonly Group[],
): GroupReading<Group> => {
  const [first] = line.words.slice(1)
  if (first === undefined) return { kind: 'unnamed' }
  const index = toIndex(groups)
  const beginnings = listBeginnings(line).reverse()
  for (const { key, last } of beginnings) {
    const group = index.get(key) ?? index.get(withoutMark(key))
    if (group !== undefined) return { kind: 'found', group, rest: readAfterWord(line, last) }
  }
  for (const { key, words } of beginnings) {
    const keys = [...index.keys()].filter((each) => first.isQuoted || each.split(' ').length === words)
    const near = findNearest(withoutMark(key), keys).map((each) => index.get(each)?.name ?? each)
    if (near.length > 0) return { kind: 'unknown', wanted: key, near }
  }
  return { kind: 'unknown', wanted: first.text, near: [] }
}
