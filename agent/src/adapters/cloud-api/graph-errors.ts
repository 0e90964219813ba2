import type { CloudEvent } from './events.ts'

/** What Meta says of a request, or that it said nothing. */
export type GraphOutcome =
  | { readonly kind: 'answered'; readonly body: unknown }
  /** Meta refuses, and nothing was sent. `code` is its own, else the HTTP status. */
  | {
      readonly kind: 'refused'
      readonly class: RefusalClass
      readonly code: number
      readonly retryAfterMs?: number
    }
  /** Nothing of the request left: the network or the name service fails. */
  | { readonly kind: 'unreachable'; readonly code: string }
  /** The answer was lost: nobody knows what became of the request. */
  | { readonly kind: 'lost'; readonly code: string }

/**
 * What follows a refusal: `limited` the whole account waits, `chat-limited` this chat waits, `unwell` it is Meta's own
 * trouble, `outside-window` the person must write first, `token` nothing is sent any more, `final` no other attempt would
 * change it.
 */
export type RefusalClass = 'limited' | 'chat-limited' | 'unwell' | 'outside-window' | 'token' | 'final'

/** An answer that is no success. */
export interface GraphRefusal {
  readonly status: number
  /** Meta's own code, if the answer is one of the Graph API at all. */
  readonly code: number | undefined
  /** What Meta says of a trouble that passes. */
  readonly isTransient: boolean
}

/** Too many messages to one person in a short time. */
const CHAT_LIMIT = 131_056

/** @see https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes */
const CLASSES: ReadonlyMap<number, RefusalClass> = new Map<number, RefusalClass>([
  // the app, the account, the throughput of the number, and the limit that its quality sets
  ...[4, 80_007, 130_429, 131_048].map((code) => [code, 'limited'] as const),
  [CHAT_LIMIT, 'chat-limited'],
  // Meta's service is down, overloaded or being maintained
  ...[2, 131_016, 131_057, 133_004].map((code) => [code, 'unwell'] as const),
  [131_047, 'outside-window'],
  // the token is refused, has expired, or lacks the right to send
  ...[0, 3, 10, 190, 131_005].map((code) => [code, 'token'] as const),
])

/** Codes of rights that were not given or were taken back. */
const isPermission = (code: number): boolean => code >= 200 && code <= 299

/**
 * What follows a refusal. Undefined for an answer that is not the Graph API's own and may hide a message that was sent: a
 * gateway that gives up may have passed the request on, while one that says it serves nobody has not.
 */
export const toRefusalClass = ({ status, code, isTransient }: GraphRefusal): RefusalClass | undefined => {
  if (status === 429) return code === CHAT_LIMIT ? 'chat-limited' : 'limited'
  if (code === undefined) return status >= 500 && status !== 503 ? undefined : 'unwell'
  const known = CLASSES.get(code)
  if (known !== undefined) return known
  if (isPermission(code) || status === 401) return 'token'
  return status >= 500 || isTransient ? 'unwell' : 'final'
}

const WINDOW =
  'This person has not written for 24 hours, and WhatsApp lets a business answer no longer than that; once the person writes again, answers arrive again.'
const TOKEN =
  'Meta refuses the access token. Make a permanent one for a system user with the right whatsapp_business_messaging, put it into WHATSAPP_CLOUD_ACCESS_TOKEN, and start the agent again; what waits is sent then.'

/** What the owner should do. */
const SENTENCES: ReadonlyMap<number, string> = new Map([
  [368, 'Meta has blocked this account for a violation of its policies; look into WhatsApp Manager.'],
  [130_497, 'Meta does not let this account write to people of that country.'],
  [131_026, 'This person cannot get the message: no WhatsApp, an old version of it, or its terms were not accepted.'],
  [
    131_030,
    'A test number writes only to the recipients that are listed in the app; add this one, or use a real number.',
  ],
  [131_031, 'Meta has locked this account; look into WhatsApp Manager.'],
  [131_042, 'Meta wants a way to be paid; look at the payment settings of the account.'],
  [131_047, WINDOW],
  [131_048, 'Too many people blocked or reported this number; look at its quality in WhatsApp Manager.'],
  [131_049, 'Meta did not deliver this to keep people from getting too much.'],
  [133_010, 'The phone number is not registered for the Cloud API; register it in the app.'],
  [190, TOKEN],
])

/** Tells that Meta has refused a message, and what the owner should do where its code says that. */
export const toRefusedEvent = (messageId: string, code: number, isFinal: boolean): CloudEvent => {
  const sentence = SENTENCES.get(code)
  return { type: 'cloud.refused', messageId, code, isFinal, ...(sentence === undefined ? {} : { sentence }) }
}

/** What the owner should do when nothing may be sent any more. */
export const TOKEN_SENTENCE = TOKEN
/** What the owner should know of a person who wrote too long ago. */
export const WINDOW_SENTENCE = WINDOW
