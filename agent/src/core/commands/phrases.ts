import type { CommandLine } from './command-line.ts'
import { findKnownAgent, findKnownGroup, type Known } from './phrase-known.ts'
import { PHRASES } from './phrase-table.ts'
import { WRITE } from './write-line.ts'

/** Longest sentence that is looked at, in UTF-16 units: sixteen names fit. */
const SENTENCE_UNITS_MAX = 600
/** Longest beginning of what is told to somebody, up to its colon, in UTF-16 units. */
const HEAD_UNITS_MAX = 200

const TELL =
  /^(?:tell|ask|message|write(?: to)?|say to) (?<who>.+)$|^(?:sage?|frage?|schreibe?)(?: bitte)?(?: an)? (?<wem>.+)$/iu
const EVERYBODY = /^(?:everybody|everyone|all(?: the| of the| other)? agents|allen?(?: agenten)?)$/iu

const END = /[\s.!?]{1,10}$/
const PLEASE = /^(?:please|bitte),? |,? (?:please|bitte)$/giu

/** A text with one space where there is white space, without its end mark and its politeness. */
const toSentence = (text: string): string =>
  text.replace(END, '').replaceAll(/\s+/g, ' ').replaceAll('’', "'").trim().replaceAll(PLEASE, '')

/** "Tell the Research Team: …". What follows the colon is passed on as it is, however long. */
const readTelling = (text: string, known: Known): CommandLine | undefined => {
  const colonAt = text.slice(0, HEAD_UNITS_MAX).indexOf(':')
  if (colonAt < 0) return undefined
  const { who, wem } = TELL.exec(toSentence(text.slice(0, colonAt)))?.groups ?? {}
  const whom = who ?? wem
  const words = text.slice(colonAt + 1).trim()
  if (whom === undefined || words === '') return undefined
  const group = findKnownGroup(known, whom)
  if (group !== undefined) return WRITE.sendToGroup(group, words)
  if (EVERYBODY.test(whom)) return WRITE.askAll(words)
  const agent = findKnownAgent(known, whom)
  return agent === undefined ? undefined : WRITE.askAgent(agent, words)
}

const readSentence = (text: string, known: Known): CommandLine | undefined => {
  if (text.length > SENTENCE_UNITS_MAX) return undefined
  const sentence = toSentence(text)
  for (const { pattern, toLine } of PHRASES) {
    const match = pattern.exec(sentence)
    const line = match === null ? undefined : toLine(match.groups ?? {}, known)
    if (line !== undefined) return line
  }
  return undefined
}

/**
 * Reads a person's sentence as a command, for when there is no model to do it: a fixed set of sentences in English and
 * German, and nothing that only looks like one.
 */
export const readPhrase = (text: string, known: Known): CommandLine | undefined => {
  const plain = text.trim()
  return readTelling(plain, known) ?? readSentence(plain, known)
}
