import { commaList, flag, wholeNumber } from '@ai-comms/shared'
import { z } from 'zod'
import type { AdmissionRules } from './core/admission.ts'
import { toIdentity } from './core/identity.ts'

/** Most people that a list may name. */
const PEOPLE_MAX = 10_000

const people = commaList()
  .transform((words, context) => {
    const ids = words.map(toIdentity)
    const wrong = ids.flatMap((id, index) => (id === undefined ? [index + 1] : []))
    if (wrong.length > 0) {
      const places = `${wrong.slice(0, 5).join(', ')}${wrong.length > 5 ? ' …' : ''}`
      context.addIssue({
        code: 'custom',
        message: `must be phone numbers with their country code, such as +49 171 1234567, separated by commas (look at number ${places} of the list)`,
      })
      return z.NEVER
    }
    return new Set(ids.filter((id) => id !== undefined))
  })
  .refine((ids) => ids.size <= PEOPLE_MAX, { error: `must be at most ${PEOPLE_MAX} numbers` })

const nobody = (): Set<string> => new Set()

/** The variables that say which people may write to the agent. */
export const accessVariables = {
  SECURITY_ENABLE_ALLOWLIST: flag().default(false),
  SECURITY_ALLOWLIST: people.default(nobody),
  SECURITY_BLOCKLIST: people.default(nobody),
  ADMIN_LIST: people.default(nobody),
  SECURITY_MAX_MESSAGE_LENGTH: wholeNumber(1, 100_000).default(5_000),
  SECURITY_RATE_LIMIT_MAX: wholeNumber(1, 1_000).default(30),
  SECURITY_RATE_LIMIT_WINDOW_MS: wholeNumber(1_000, 86_400_000).default(60_000),
}

const schema = z.object(accessVariables)

/** What those variables were read into. */
export type AccessValues = z.output<typeof schema>

/** Those variables as the rules of admission. */
export const toAdmissionRules = (values: AccessValues): AdmissionRules => ({
  allowed: values.SECURITY_ENABLE_ALLOWLIST ? values.SECURITY_ALLOWLIST : undefined,
  blocked: values.SECURITY_BLOCKLIST,
  admins: values.ADMIN_LIST,
  charsMax: values.SECURITY_MAX_MESSAGE_LENGTH,
  rateMax: values.SECURITY_RATE_LIMIT_MAX,
  rateWindowMs: values.SECURITY_RATE_LIMIT_WINDOW_MS,
})

/** What an owner should know about lists that do not do what they seem to. */
export const warnAboutAccess = (values: AccessValues): string[] => {
  const { SECURITY_ENABLE_ALLOWLIST: isOn, SECURITY_ALLOWLIST: allowed, SECURITY_BLOCKLIST: blocked } = values
  const shutOut = [...values.ADMIN_LIST].filter((id) => blocked.has(id) || (isOn && !allowed.has(id)))
  return [
    ...(isOn && allowed.size === 0
      ? [
          'SECURITY_ALLOWLIST is empty and SECURITY_ENABLE_ALLOWLIST is on: nobody is answered but the person at the terminal',
        ]
      : []),
    ...(!isOn && allowed.size > 0
      ? ['SECURITY_ALLOWLIST names people, but SECURITY_ENABLE_ALLOWLIST is off: everybody is answered']
      : []),
    ...(shutOut.length > 0
      ? [
          `ADMIN_LIST names people who may not write at all (${shutOut.length}): they are not on SECURITY_ALLOWLIST, or on SECURITY_BLOCKLIST`,
        ]
      : []),
  ]
}
