import { type Environment, wholeNumber } from '@ai-comms/shared'
import { z } from 'zod'

/** A secret without blanks, as it is copied out of a page of Meta; none of its characters is ever repeated. */
const secret = (min: number, max: number, what: string) =>
  z.string().regex(new RegExp(`^[\\x21-\\x7e]{${min},${max}}$`), {
    error: `must be ${what}: ${min} to ${max} characters without blanks`,
  })

const isLoopback = (hostname: string): boolean => /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname)

const GRAPH_URL_MISTAKE =
  'must be an https URL without user, query and fragment, such as https://graph.facebook.com; http is taken on the loopback only'

const graphUrl = z.string().transform((text, context) => {
  const url = URL.parse(text)
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname))
  if (url && isSafe && url.username + url.password + url.search + url.hash === '') return url
  context.addIssue({ code: 'custom', message: GRAPH_URL_MISTAKE })
  return z.NEVER
})

/** The variables of WhatsApp by Meta's Cloud API. Four of them come from Meta's pages, or are told there. */
export const cloudVariables = {
  WHATSAPP_CLOUD_PHONE_NUMBER_ID: z
    .string()
    .regex(/^\d{5,20}$/, {
      error:
        'must be the id of the phone number in digits, as WhatsApp > API Setup shows it, and not the number itself',
    })
    .optional(),
  WHATSAPP_CLOUD_ACCESS_TOKEN: secret(20, 1_024, 'the access token of a system user').optional(),
  WHATSAPP_CLOUD_APP_SECRET: secret(16, 128, 'the app secret, as App settings > Basic shows it').optional(),
  WHATSAPP_CLOUD_VERIFY_TOKEN: secret(8, 256, 'a word of your own that Meta is told, too').optional(),
  WHATSAPP_CLOUD_WEBHOOK_PORT: wholeNumber(0, 65_535).default(8_091),
  WHATSAPP_CLOUD_WEBHOOK_HOST: z.string().max(255, { error: 'must be at most 255 characters' }).default('127.0.0.1'),
  WHATSAPP_CLOUD_WEBHOOK_PATH: z
    .string()
    .regex(/^(?:\/[\w.~-]{1,64}){1,8}$/, { error: 'must be a path such as /webhooks/whatsapp' })
    .default('/webhooks/whatsapp'),
  WHATSAPP_CLOUD_GRAPH_URL: graphUrl.default(new URL('https://graph.facebook.com')),
  WHATSAPP_CLOUD_GRAPH_VERSION: z
    .string()
    .regex(/^v\d{1,3}\.\d{1,2}$/, { error: 'must be a version of the Graph API such as v26.0' })
    .default('v26.0'),
}

const schema = z.object(cloudVariables)

/** Those variables, read. */
export type CloudValues = z.output<typeof schema>

/** What cannot be done without, and where it comes from. */
const NEEDED = {
  WHATSAPP_CLOUD_PHONE_NUMBER_ID: 'the id of the phone number, as WhatsApp > API Setup shows it',
  WHATSAPP_CLOUD_ACCESS_TOKEN: 'the access token of a system user with the right whatsapp_business_messaging',
  WHATSAPP_CLOUD_APP_SECRET: 'the app secret, as App settings > Basic shows it',
  WHATSAPP_CLOUD_VERIFY_TOKEN: 'a word of your own that you tell Meta with the address of the webhook',
}

/** What is missing for WhatsApp by the Cloud API; asked only where that is what was chosen. */
export const findCloudMistakes = (env: Environment): string[] =>
  Object.entries(NEEDED).flatMap(([name, what]) =>
    (env[name]?.trim() ?? '') === '' ? [`${name} is missing: ${what}`] : [],
  )

/** Those variables as settings; undefined while one of the four is missing. */
export const toCloudSettings = (values: CloudValues) => {
  const {
    WHATSAPP_CLOUD_PHONE_NUMBER_ID: phoneNumberId,
    WHATSAPP_CLOUD_ACCESS_TOKEN: accessToken,
    WHATSAPP_CLOUD_APP_SECRET: appSecret,
    WHATSAPP_CLOUD_VERIFY_TOKEN: verifyToken,
  } = values
  if (!phoneNumberId || !accessToken || !appSecret || !verifyToken) return undefined
  return {
    ...{ phoneNumberId, accessToken, appSecret, verifyToken },
    webhookPort: values.WHATSAPP_CLOUD_WEBHOOK_PORT,
    webhookHost: values.WHATSAPP_CLOUD_WEBHOOK_HOST,
    webhookPath: values.WHATSAPP_CLOUD_WEBHOOK_PATH,
    graphUrl: values.WHATSAPP_CLOUD_GRAPH_URL,
    graphVersion: values.WHATSAPP_CLOUD_GRAPH_VERSION,
  }
}

/** The account at Meta, and the door that Meta knocks at. */
export type CloudApiSettings = Readonly<NonNullable<ReturnType<typeof toCloudSettings>>>

/** Whatever of those variables opens something, so that no answer and no log may hold it. */
export const listCloudSecrets = (values: CloudValues): string[] =>
  [values.WHATSAPP_CLOUD_ACCESS_TOKEN, values.WHATSAPP_CLOUD_APP_SECRET, values.WHATSAPP_CLOUD_VERIFY_TOKEN].filter(
    (each) => each !== undefined,
  )
