import { readFileSync } from 'node:fs'
import { checkText } from '../src/core/guard/check-text.ts'
import { EVERYDAY_WORDS } from '../src/core/guard/everyday-words.ts'
import { WELL_KNOWN, writeNotations } from '../src/test-support/notations.ts'

/**
 * How many copies of blocked sentences are blocked, notation by notation: of the English ones among the attacks that were
 * written for the guard, which its table has learnt, since what is measured is whether they are read.
 */
const ENGLISH = new Set([
  ...EVERYDAY_WORDS,
  'a',
  'i',
  'is',
  'of',
  'to',
  'in',
  'it',
  'me',
  'my',
  'an',
  'or',
  'as',
  'if',
  'do',
])
const isEnglish = (line: string): boolean => {
  const words = line.toLowerCase().match(/[a-z]+/g) ?? []
  return words.filter((word) => ENGLISH.has(word)).length >= words.length / 2
}

const sentences = readFileSync(new URL('guard/attack.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => /^[ -~]{30,160}$/.test(line) && !line.includes('\\n') && isEnglish(line))
  .filter((line) => checkText(line).action === 'block')

const counts = new Map<string, number>()
for (const sentence of sentences) {
  for (const { name, text } of writeNotations(sentence)) {
    counts.set(name, (counts.get(name) ?? 0) + (checkText(text).action === 'block' ? 1 : 0))
  }
}

const percent = (part: number, whole: number): string => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`
const share = (names: readonly string[]): string => {
  const caught = names.reduce((sum, name) => sum + (counts.get(name) ?? 0), 0)
  return percent(caught, names.length * sentences.length)
}
const names = [...counts.keys()]
for (const name of names.toSorted((one, other) => (counts.get(one) ?? 0) - (counts.get(other) ?? 0))) {
  process.stdout.write(`${percent(counts.get(name) ?? 0, sentences.length).padStart(8)}  ${name}\n`)
}
process.stdout.write(`${sentences.length} sentences in ${names.length} notations: ${share(names)} blocked; `)
process.stdout.write(`well-known ${share(names.filter((name) => WELL_KNOWN.has(name)))}\n`)
