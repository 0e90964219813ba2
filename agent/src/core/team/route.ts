import { toMatchKey } from '@ai-comms/shared'
import type { Member } from './members.ts'
import type { Plan } from './plan.ts'

/** Most agents that get the same task where no model divides it. */
const CHOSEN_MAX = 3
/** Shortest word that another one may begin with, in characters. */
const STEM_CHARS_MIN = 4

const toWords = (text: string): string[] => toMatchKey(text).match(/[\p{L}\p{N}]{3,}/gu) ?? []

/** How many characters two words have in common from the left. */
const countCommon = (one: string, other: string): number => {
  let at = 0
  while (at < one.length && one[at] === other[at]) at++
  return at
}

/** Whether two words are forms of one: plan and planning, code and coding. */
const isRelated = (one: string, other: string): boolean => {
  if (one === other) return true
  const shortest = Math.min(one.length, other.length)
  return shortest >= STEM_CHARS_MIN && countCommon(one, other) >= Math.max(3, shortest - 1)
}

/** Worth of a name that is mentioned: whom the person calls does it. */
const NAMED = 100
const SKILLED = 10

const score = ({ name, skills, description = '' }: Member, words: readonly string[]): number => {
  const isMeant = (text: string) => {
    const parts = toWords(text)
    return parts.length > 0 && parts.every((part) => words.some((word) => isRelated(word, part)))
  }
  const hints = toWords(description).filter((each) => words.includes(each))
  const isNamed = toWords(name).length > 0 && toWords(name).every((part) => words.includes(part))
  return (isNamed ? NAMED : 0) + SKILLED * skills.filter(isMeant).length + Math.min(hints.length, SKILLED - 1)
}

/**
 * Chooses without a model: whoever is named, else whoever has a skill that the task speaks of, else those who have least
 * to do. All of them get the whole task.
 */
export const routeByWords = (text: string, members: readonly Member[]): Plan => {
  const words = [...new Set(toWords(text))]
  const scored = members.map((member) => ({ member, points: score(member, words) }))
  const best = Math.max(...scored.map(({ points }) => points))
  const least = best >= NAMED ? NAMED : best >= SKILLED ? SKILLED : Math.max(best, 1)
  const fitting = scored
    .filter(({ points }) => points >= least)
    .sort((one, other) => other.points - one.points)
    .slice(0, CHOSEN_MAX)
  const idlest = members.toSorted((one, other) => one.inFlight - other.inFlight).slice(0, CHOSEN_MAX)
  const isFit = fitting.length > 0
  const chosen = isFit ? fitting.map(({ member }) => member) : idlest
  return {
    origin: isFit ? 'skills' : 'anybody',
    steps: chosen.map(({ name, skills }, at) => ({ id: String(at + 1), agent: name, skills, task: text, after: [] })),
  }
}

/** The plan of a team of one: the task goes to it as it is. */
export const sendStraight = (text: string, { name, skills }: Member): Plan => ({
  origin: 'straight',
  steps: [{ id: '1', agent: name, skills, task: text, after: [] }],
})
