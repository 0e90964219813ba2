import { type Environment, flag, oneOf, wholeNumber } from '@ai-comms/shared'
import { z } from 'zod'
import type { AdmissionRules } from './core/admission.ts'
import { toIdentity } from './core/identity.ts'

/** How the agent is on WhatsApp, as a linked device. */
export interface WhatsAppSettings {
  /** Number of the agent's own account, in digits; a QR is shown without it. */
  readonly pairingNumber?: string
  /** Another server than WhatsApp's, for tests. */
  readonly url?: URL
  readonly takesGroups: boolean
  /** Version of WhatsApp Web that the agent says it is, in place of the newest. */
  readonly version?: readonly [number, number, number]
  /** Whether answers leave as slowly as a person writes; only towards a test server they may not. */
  readonly isPaced: boolean
  /** Largest file of a person that is saved, in bytes; 0 when none is. */
  readonly mediaBytesMax: number
}

/** Largest file that may be saved, in bytes: the largest that people can send. */
const MEDIA_BYTES_MAX = 104_857_600
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$|\.localhost$/

/**
 * Where the socket is: `wss`, since TLS is what proves that it is WhatsApp's own, or this very machine. A secret has no
 * place in it, since URLs end up in logs.
 */
const socketUrl = z.string().transform((text, context) => {
  const url = URL.parse(text)
  const isSafe = url?.protocol === 'wss:' || (url?.protocol === 'ws:' && LOOPBACK.test(url.hostname))
  if (url && isSafe && url.username === '' && url.password === '' && url.search === '' && url.hash === '') return url
  context.addIssue({
    code: 'custom',
    message: 'must be a wss URL, or a ws URL of this machine, without user, password and query',
  })
  return z.NEVER
})

const ownNumber = z.string().transform((text, context) => {
  const id = toIdentity(text)
  if (id !== undefined && /^\d+$/.test(id)) return id
  context.addIssue({ code: 'custom', message: 'must be a phone number with its country code, such as +49 171 1234567' })
  return z.NEVER
})

const webVersion = z
  .string()
  .regex(/^\d{1,4}\.\d{1,6}\.\d{1,12}$/, { error: 'must be a version of WhatsApp Web, such as 2.3000.1043857760' })
  .transform((text): readonly [number, number, number] => {
    const [first = 0, second = 0, third = 0] = text.split('.').map(Number)
    return [first, second, third]
  })

/** The variables that say how the agent is on WhatsApp. */
export const whatsappVariables = {
  WHATSAPP_PAIRING_NUMBER: ownNumber.optional(),
  WHATSAPP_WS_URL: socketUrl.optional(),
  WHATSAPP_GROUPS: flag().default(false),
  WHATSAPP_VERSION: webVersion.optional(),
  WHATSAPP_PACE: oneOf(['person', 'none']).default('person'),
  WHATSAPP_MAX_MEDIA: wholeNumber(0, MEDIA_BYTES_MAX).default(0),
}

const schema = z.object(whatsappVariables)

/** Those variables, read. */
export type WhatsAppValues = z.output<typeof schema>

/** Those variables as settings. */
export const toWhatsAppSettings = (values: WhatsAppValues): WhatsAppSettings => ({
  ...(values.WHATSAPP_PAIRING_NUMBER === undefined ? {} : { pairingNumber: values.WHATSAPP_PAIRING_NUMBER }),
  ...(values.WHATSAPP_WS_URL === undefined ? {} : { url: values.WHATSAPP_WS_URL }),
  takesGroups: values.WHATSAPP_GROUPS,
  ...(values.WHATSAPP_VERSION === undefined ? {} : { version: values.WHATSAPP_VERSION }),
  // whatever is told: WhatsApp itself is never written to without a pace
  isPaced: values.WHATSAPP_PACE === 'person' || values.WHATSAPP_WS_URL?.protocol !== 'ws:',
  mediaBytesMax: values.WHATSAPP_MAX_MEDIA,
})

/** What is wrong with those variables together: WhatsApp bans accounts that write faster than people do. */
export const findWhatsAppMistakes = (env: Environment): string[] => {
  const pace = schema.shape.WHATSAPP_PACE.safeParse(env['WHATSAPP_PACE']?.trim() || undefined).data
  const isPaced = pace !== 'none'
  const isOnThisMachine = /^ws:/i.test(env['WHATSAPP_WS_URL']?.trim() ?? '')
  return isPaced || isOnThisMachine
    ? []
    : ['WHATSAPP_PACE may be none only with a WHATSAPP_WS_URL of this machine, which is a test server']
}

/** What an owner should know about an agent on WhatsApp. */
export const warnAboutWhatsApp = (
  { takesGroups, url }: WhatsAppSettings,
  { allowed }: Pick<AdmissionRules, 'allowed'>,
): string[] => {
  const everybody = takesGroups
    ? 'whoever knows the number of this agent, or puts it into a group,'
    : 'whoever knows the number of this agent'
  return [
    ...(allowed === undefined
      ? [`SECURITY_ENABLE_ALLOWLIST is off: ${everybody} is answered, at the cost of your account`]
      : []),
    ...(url ? ['WHATSAPP_WS_URL is set: this agent does not speak to WhatsApp, but to another server'] : []),
  ]
}
