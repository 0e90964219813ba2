import { isInTheClear } from '../adapters/hub/hub-url.ts'
import { type Check, fail, ok, warn } from './check.ts'
import type { Sources } from './read-sources.ts'
import { type Readable, readLeadingNames } from './read-what-works.ts'

const NAME = 'configuration'

const USE_TLS =
  'Give AGENT_HUB_URL as https:// or wss://, with TLS_CERT_PATH and TLS_KEY_PATH at the hub or a proxy with TLS before it.'

type PlaceOf = Sources['placeOf']

const fixMissing = (name: string, mistake: string, placeOf: PlaceOf): string => {
  if (name === 'AGENT_HUB_URL') {
    return `Start a hub with "pnpm hub" if you have none, and write AGENT_HUB_URL=http://localhost:8090, or the URL of your hub, into ${placeOf(name)}.`
  }
  const provider = /: (\S+) is to be asked/.exec(mistake)?.[1]
  const value = name === 'COMMAND_ARGV' ? '["your-program"]' : '<your key>'
  const otherwise = provider === undefined ? '' : `, or take ${provider} out of AI_PROVIDER and AI_FALLBACK_PROVIDERS`
  return `Write ${name}=${value} into ${placeOf(name)}${otherwise}.`
}

const fixMistake = (mistake: string, placeOf: PlaceOf): string => {
  const [name] = readLeadingNames(mistake)
  if (name === undefined) return 'Look the variables up in .env.example.'
  if (/\bis missing\b/.test(mistake)) return fixMissing(name, mistake, placeOf)
  return name === 'AGENT_HUB_URL'
    ? `Change ${name} in ${placeOf(name)} to the URL that the hub told at its start.`
    : `Change ${name} in ${placeOf(name)}, or delete it there to get the default.`
}

const fixWarning = (warning: string, placeOf: PlaceOf): string => {
  const [name = ''] = readLeadingNames(warning)
  const nearest = /did you mean (\w+)\?$/.exec(warning)?.[1]
  if (nearest !== undefined) return `Rename ${name} to ${nearest} in ${placeOf(name)}.`
  if (name === 'AGENT_NAME') return `Write AGENT_NAME=Atlas, or whatever it is to be called, into ${placeOf(name)}.`
  if (name === 'AGENT_HUB_URL') return USE_TLS
  return name === ''
    ? 'Look the variables up in .env.example.'
    : `Look ${name} up in .env.example, and change or delete it in ${placeOf(name)}.`
}

const toSentence = (text: string): string => (/[.?]$/.test(text) ? text : `${text}.`)

/** Every mistake and warning, as the agent itself tells them at its start, each with what to do about it. */
export const checkConfiguration = ({ read, mistakes: wrong, warnings: texts }: Readable, placeOf: PlaceOf): Check[] => {
  const warnings = texts.map((text) => warn(NAME, toSentence(text), fixWarning(text, placeOf)))
  const mistakes = wrong.map((text) => fail(NAME, toSentence(text), fixMistake(text, placeOf)))
  if (!read.ok) return [...mistakes, ...warnings]
  const { identity, hubUrl, hubSecret } = read.config
  const skills = identity.skills.length === 0 ? 'no skills' : `skills ${identity.skills.join(', ')}`
  const summary = ok(NAME, `${identity.name}, ${skills}, ${hubUrl ? `hub ${hubUrl.host}` : 'no hub'}.`)
  const clear =
    hubUrl && hubSecret === undefined && isInTheClear(hubUrl)
      ? [warn(NAME, 'AGENT_HUB_URL has no TLS: everybody on the way to the hub can read tasks and answers.', USE_TLS)]
      : []
  return [summary, ...warnings, ...clear]
}
