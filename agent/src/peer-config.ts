import { decodeSecret, type Environment, flag, KeyRing, SecretError, wholeNumber } from '@ai-comms/shared'
import { z } from 'zod'
import { EXCHANGE_BOUNDS } from './core/envelopes/exchange-law.ts'
import { GROUP_TURNS_MAX } from './core/groups/group-turns.ts'

/** How this agent deals with others. */
export interface PeerSettings {
  /** Undefined for an agent that shares no secret. */
  readonly keyRing?: KeyRing
  /** Refuse what is not signed. */
  readonly requireAuth: boolean
  /** Turns of a conversation between agents without a person. */
  readonly turnsMax: number
  /** Answers in a group to one message of a person. */
  readonly groupTurnsMax: number
}

/** Most characters of a secret. */
const SECRET_CHARS_MAX = 8_192

/** A secret that can be used; what is wrong with it is said without quoting it. */
const secret = z
  .string()
  .max(SECRET_CHARS_MAX, { error: `must be at most ${SECRET_CHARS_MAX} characters` })
  .superRefine((text, context) => {
    try {
      decodeSecret(text)
    } catch (error) {
      if (!(error instanceof SecretError)) throw error
      context.addIssue({ code: 'custom', message: `cannot be used: ${error.message}` })
    }
  })

/** The variables that say how this agent deals with others. */
export const peerVariables = {
  SECURITY_AGENT_SECRET: secret.optional(),
  SECURITY_AGENT_SECRET_PREVIOUS: secret.optional(),
  SECURITY_ENCRYPTION_KEY: secret.optional(),
  SECURITY_ENCRYPTION_KEY_PREVIOUS: secret.optional(),
  SECURITY_REQUIRE_AGENT_AUTH: flag().optional(),
  AGENT_MAX_TURNS: wholeNumber(1, 100).default(EXCHANGE_BOUNDS.turnsMax),
  GROUP_MAX_TURNS: wholeNumber(1, 16).default(GROUP_TURNS_MAX),
}

const schema = z.object(peerVariables)

/** Those variables, read. */
export type PeerValues = z.output<typeof schema>

/** What does not go together. */
export const findPeerMistakes = (env: Environment): string[] => {
  const isSet = (name: string) => (env[name]?.trim() ?? '') !== ''
  const orphan =
    isSet('SECURITY_ENCRYPTION_KEY_PREVIOUS') && !isSet('SECURITY_ENCRYPTION_KEY')
      ? ['SECURITY_ENCRYPTION_KEY_PREVIOUS needs SECURITY_ENCRYPTION_KEY, which takes its place']
      : []
  if (isSet('SECURITY_AGENT_SECRET')) return orphan
  const needing = ['SECURITY_ENCRYPTION_KEY', 'SECURITY_AGENT_SECRET_PREVIOUS'].filter(isSet)
  const parsed = schema.shape.SECURITY_REQUIRE_AGENT_AUTH.safeParse(
    env['SECURITY_REQUIRE_AGENT_AUTH']?.trim() || undefined,
  )
  if (parsed.success && parsed.data) needing.push('SECURITY_REQUIRE_AGENT_AUTH')
  const mistakes = needing.map((name) => `${name} needs SECURITY_AGENT_SECRET, which signs the messages between agents`)
  return [...mistakes, ...orphan]
}

/** Those variables as settings. Whoever has a secret requires signatures, unless told otherwise. */
export const toPeerSettings = (values: PeerValues): PeerSettings => {
  const { SECURITY_AGENT_SECRET: signing, SECURITY_REQUIRE_AGENT_AUTH: isRequired } = values
  const keyRing =
    signing === undefined
      ? undefined
      : KeyRing.fromSecrets({
          signing,
          signingPrevious: values.SECURITY_AGENT_SECRET_PREVIOUS,
          encryption: values.SECURITY_ENCRYPTION_KEY,
          encryptionPrevious: values.SECURITY_ENCRYPTION_KEY_PREVIOUS,
        })
  return {
    ...(keyRing ? { keyRing } : {}),
    requireAuth: isRequired ?? keyRing !== undefined,
    turnsMax: values.AGENT_MAX_TURNS,
    groupTurnsMax: values.GROUP_MAX_TURNS,
  }
}

/** What an owner should know about messages between agents. */
export const warnAboutPeers = ({ keyRing, requireAuth }: PeerSettings): string[] =>
  keyRing && !requireAuth
    ? ['SECURITY_REQUIRE_AGENT_AUTH is off: agents that do not know SECURITY_AGENT_SECRET are answered, too']
    : []
