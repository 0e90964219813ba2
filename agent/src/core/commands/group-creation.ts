import { hasAtMostChars } from '@ai-comms/shared'
import type { PeerAddress } from '../envelopes/ports.ts'
import { GROUP_NAME_CHARS_MAX, PURPOSE_CHARS_MAX } from '../groups/charter.ts'
import type { GroupMode } from '../groups/ports.ts'
import { readAgentNames } from './agent-names.ts'
import { type CommandLine, type CommandWord, readAfterWord } from './command-line.ts'
import { isNewGroupName, toGroupName } from './group-names.ts'

/** A group as a line asks for it. */
export interface WantedGroup {
  readonly name: string
  readonly members: readonly PeerAddress[]
  readonly purpose?: string
  readonly mode?: GroupMode
}

/** What a line asks for, what is wrong with it, or that it says too little. */
export type CreationReading =
  | { readonly ok: true; readonly wanted: WantedGroup }
  | { readonly ok: false; readonly complaint: string | undefined }

/** Most words of a name that stands without quotes, before the word "with". */
const NAME_WORDS_MAX = 12
const WITH = /^(?:with|mit)$/iu
const LEADING_WITH = /^[,:\s]*(?:(?:with|mit)\s)?/iu
const PURPOSE = /(?:^|\s)purpose:/iu
const MODE = /(?:^|\s)mode:\s*(in[- ]turn|\S+)/iu
/** At the end of a purpose only what is a mode counts as one. */
const MODE_LAST = /\smode:\s*(in[- ]turn|parallel)$/iu

const MODE_COMPLAINT = 'mode: is in-turn or parallel.'

/** What a group's name may be, for people. */
export const NAME_RULE = `A group's name is one line of 1 to ${GROUP_NAME_CHARS_MAX} characters without quotation marks; choose another one.`
/** How long a purpose may be, for people. */
export const PURPOSE_RULE = `A purpose has at most ${PURPOSE_CHARS_MAX} characters.`

interface Options {
  readonly members: string
  readonly purpose: string | undefined
  readonly mode: string | undefined
}

/** A purpose goes to the end; who wants a mode as well writes it before, or at the very end. */
const readOptions = (text: string): Options => {
  const purposeAt = PURPOSE.exec(text)
  const head = purposeAt === null ? text : text.slice(0, purposeAt.index)
  const tail = purposeAt === null ? undefined : text.slice(purposeAt.index + purposeAt[0].length).trim()
  const first = MODE.exec(head)
  if (first !== null) return { members: head.replace(MODE, ' '), purpose: tail, mode: first[1] }
  const last = tail === undefined ? null : MODE_LAST.exec(tail)
  if (last === null) return { members: head, purpose: tail, mode: undefined }
  return { members: head, purpose: tail?.slice(0, last.index).trim(), mode: last[1] }
}

const toMode = (mode: string): GroupMode | undefined => {
  const word = mode.toLowerCase().replace(' ', '-')
  return word === 'in-turn' || word === 'parallel' ? word : undefined
}

/** A name without quotes is one word, or all before the word "with". */
const readName = (words: readonly CommandWord[]): { readonly name: string; readonly last: CommandWord } | undefined => {
  const [first] = words
  if (first === undefined) return undefined
  const withAt = first.isQuoted ? -1 : words.findIndex(({ text, isQuoted }) => !isQuoted && WITH.test(text))
  const parts = withAt > 0 ? words.slice(0, withAt) : [first]
  const name = toGroupName(parts.map(({ text }) => text).join(' '))
  return { name: first.isQuoted ? name : name.replace(/[:,]$/, ''), last: parts.at(-1) ?? first }
}

const failed = (complaint: string | undefined): CreationReading => ({ ok: false, complaint })

/** Reads `!group create <name> <members> [mode: …] [purpose: …]`. */
export const readCreation = (line: CommandLine): CreationReading => {
  const named = readName(line.words.slice(1, 1 + NAME_WORDS_MAX))
  if (named === undefined) return failed(undefined)
  if (!isNewGroupName(named.name)) return failed(NAME_RULE)
  const options = readOptions(readAfterWord(line, named.last).replace(LEADING_WITH, ''))
  const mode = options.mode === undefined ? undefined : toMode(options.mode)
  if (options.mode !== undefined && mode === undefined) return failed(MODE_COMPLAINT)
  const { purpose } = options
  if (purpose !== undefined && !hasAtMostChars(purpose, PURPOSE_CHARS_MAX)) return failed(PURPOSE_RULE)
  const names = readAgentNames(options.members)
  if (!names.ok) return failed(names.complaint)
  if (names.agents.length === 0) return failed(undefined)
  return {
    ok: true,
    wanted: {
      name: named.name,
      members: names.agents,
      ...(purpose === undefined || purpose === '' ? {} : { purpose }),
      ...(mode === undefined ? {} : { mode }),
    },
  }
}
