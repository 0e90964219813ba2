import { isAgentName } from '@ai-comms/shared'
import type { PeerAddress } from '../envelopes/ports.ts'
import { toIdentity } from '../identity.ts'
import { showName } from './words.ts'

/** Agents that a text names, or what is wrong with it. */
export type NamesReading =
  | { readonly ok: true; readonly agents: readonly PeerAddress[] }
  | { readonly ok: false; readonly complaint: string }

/** Longest text that names agents, in UTF-16 units: as many names as a group takes, with numbers, and room for more. */
const NAMES_UNITS_MAX = 4_000
/** A name in quotes, a comma, or a word. */
const TOKEN = /"([^"]+)"|“([^”]+)”|„([^“]+)“|«([^»]+)»|([,;])|([^\s,;"“„«]+|["“„«])/gu
const AND = /^(?:and|und|&)$/iu
const AT = /^(?:at|unter)$/iu
const NUMBER_START = /^\(?\+\d/
const NUMBER_PART = /^[\d()./-]+$/
/** The channel whose chats are phone numbers. */
const NUMBER_CHANNEL = 'whatsapp'

interface Draft {
  readonly name: string
  number?: string
}

/** A token of a text: quoted ones are names as they are. */
interface Token {
  readonly kind: 'quoted' | 'comma' | 'word'
  readonly text: string
}

const readTokens = (text: string): Token[] =>
  [...text.matchAll(TOKEN)].map(([, straight, curly, low, angled, comma, word]) => {
    const quoted = straight ?? curly ?? low ?? angled
    if (quoted !== undefined) return { kind: 'quoted', text: quoted }
    return comma === undefined ? { kind: 'word', text: word ?? '' } : { kind: 'comma', text: comma }
  })

/** Puts names and numbers together. Without commas each word is a name; with them, what stands between two of them. */
class Drafts {
  readonly list: Draft[] = []
  readonly #hasCommas: boolean
  #words: string[] = []
  #isInNumber = false
  /** A number without a name before it. */
  stray: string | undefined

  constructor(hasCommas: boolean) {
    this.#hasCommas = hasCommas
  }

  take({ kind, text }: Token): void {
    if (kind === 'word' && this.#takeNumber(text)) return
    this.#isInNumber = false
    if (kind === 'comma' || (kind === 'word' && AND.test(text))) this.endName()
    else if (kind === 'word') this.#words.push(text)
    else {
      this.endName()
      this.list.push({ name: text })
    }
  }

  endName(): void {
    const names = this.#hasCommas && this.#words.length > 0 ? [this.#words.join(' ')] : this.#words
    this.list.push(...names.map((name) => ({ name })))
    this.#words = []
  }

  #takeNumber(text: string): boolean {
    const isStart = NUMBER_START.test(text)
    if (!isStart && !(this.#isInNumber && NUMBER_PART.test(text))) return false
    if (isStart && AT.test(this.#words.at(-1) ?? '')) this.#words.pop()
    if (isStart) this.endName()
    const last = this.list.at(-1)
    if (last === undefined || (isStart && last.number !== undefined)) this.stray ??= text
    else last.number = `${last.number ?? ''}${text}`
    this.#isInNumber = true
    return true
  }
}

const toAddress = ({ name, number }: Draft): PeerAddress | string => {
  const agentName = name.normalize('NFKC').replaceAll(/\s+/g, ' ').trim().replace(/^@/, '')
  if (!isAgentName(agentName)) return `"${showName(name)}" cannot be the name of an agent.`
  if (number === undefined) return { agentName }
  const digits = toIdentity(number)
  if (digits === undefined || !/^\d+$/.test(digits)) {
    return `${showName(number)} is no phone number with its country code, such as +49 171 1234567.`
  }
  return { agentName, chats: { [NUMBER_CHANNEL]: digits } }
}

/**
 * Reads the agents that a text names: with spaces, commas or "and" between them, each perhaps with a phone number behind
 * it. A name with spaces stands in quotes, or between commas.
 */
export const readAgentNames = (text: string): NamesReading => {
  if (text.length > NAMES_UNITS_MAX) return { ok: false, complaint: 'These are too many names.' }
  const tokens = readTokens(text)
  const drafts = new Drafts(tokens.some(({ kind }) => kind === 'comma'))
  for (const token of tokens) drafts.take(token)
  drafts.endName()
  if (drafts.stray !== undefined) {
    return { ok: false, complaint: `Write the agent's name before its number ${showName(drafts.stray)}.` }
  }
  const read = drafts.list.map(toAddress)
  const complaint = read.find((each) => typeof each === 'string')
  if (complaint !== undefined) return { ok: false, complaint }
  return { ok: true, agents: read.filter((each) => typeof each !== 'string') }
}
