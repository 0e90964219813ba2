import type { Person } from '../support/whatsapp-server/person.ts'
import type { Phone } from '../support/whatsapp-server/phone.ts'
import type { AgentProgram } from './agent-program.ts'

/** What was written, and what was said and shown meanwhile. */
export interface LeakParts {
  readonly programs: readonly AgentProgram[]
  /** Audit trails as they were written. */
  readonly trails: readonly string[]
  readonly phones: readonly Phone[]
  readonly people: readonly Person[]
}

/** Shorter texts may stand anywhere by chance. */
const TEXT_CHARS_MIN = 8
/** So much of a text is enough to know it by. */
const TEXT_CHARS = 24
/** The owner is told, on purpose, which hidden address may be put on a list. */
const HIDDEN = /^.*"msg":"WhatsApp: somebody whose number is hidden may not write.*$/gm
/** What libsignal prints of a session, and what keys look like in an object that is printed. */
const SESSIONS = ['SessionEntry', 'privKey', 'rootKey', 'ephemeralKeyPair', '<Buffer ']

const textsOf = ({ client, messages }: Person): readonly string[] => [
  ...[...client.sent.values()].map(({ message }) => message?.extendedTextMessage?.text ?? ''),
  ...messages.map(({ text }) => text),
]

/** A text as it stands in JSON, or at least its beginning. */
const toTrace = (text: string): string => JSON.stringify(text.slice(0, TEXT_CHARS)).slice(1, -1)

const secretsOf = ({ programs, people }: LeakParts): readonly string[] => {
  const shown = programs.flatMap(({ qrCodes, terminal }) => [
    ...qrCodes.flatMap((qr) => qr.slice(qr.indexOf('#') + 1).split(',')),
    ...[...terminal.matchAll(/code: (\S+)/g)].flatMap(([, code = '']) => [code, code.replace('-', '')]),
  ])
  return [...shown, ...people.flatMap(textsOf)].filter((text) => text.length >= TEXT_CHARS_MIN).map(toTrace)
}

/** Numbers, anonymous ids, texts, QRs, codes and keys that stand where they must not: each once, with where it stands. */
export const findLeaks = (parts: LeakParts): readonly string[] => {
  const { programs, trails, phones } = parts
  const written = [
    ...programs.map(({ log }) => ({ where: 'log', text: log.replaceAll(HIDDEN, '') })),
    ...programs.map(({ complaint }) => ({ where: 'standard error', text: complaint })),
    ...trails.map((text) => ({ where: 'audit trail', text })),
  ]
  const onTerminal = programs.map(({ terminal }) => ({ where: 'terminal', text: terminal }))
  const people = [...phones.flatMap(({ number, lid }) => [number, lid]), ...SESSIONS]
  const look = (places: typeof written, words: readonly string[]) =>
    places.flatMap(({ where, text }) =>
      words.filter((word) => text.includes(word)).map((word) => `${JSON.stringify(word)} in the ${where}`),
    )
  const found = [...look(written, [...people, ...secretsOf(parts)]), ...look(onTerminal, people)]
  return [...new Set(found)]
}
