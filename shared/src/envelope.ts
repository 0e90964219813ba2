import { z } from 'zod'
import { HOPS_MAX } from './limits.ts'
import { hasAtMostChars } from './text.ts'

/** The longest envelope, as UTF-8 bytes of its JSON text (wire.md §3.4). */
export const ENVELOPE_BYTES_MAX = 256 * 1024
/** The deepest nesting of objects and arrays, the envelope itself counted as 1 (wire.md §3.4). */
export const ENVELOPE_DEPTH_MAX = 32
/** The longest id or name, in characters (code points). */
export const ENVELOPE_NAME_CHARS_MAX = 128
/**
 * The longest agent or group id, in bytes of its canonical JSON: two of them and a kid must fit the 1 024 bytes that
 * node:crypto takes as HKDF `info`. It tells only when an id is long and full of control characters or emoji.
 */
export const ENVELOPE_ID_BYTES_MAX = 400
/** The longest key id, in characters; ours have eight. */
export const ENVELOPE_KID_CHARS_MAX = 64
/** The oldest stamp that is accepted, in milliseconds before the receiver's clock. */
export const ENVELOPE_STALE_MS_MAX = 300_000
/** The farthest stamp ahead of the receiver's clock that is accepted, in milliseconds. */
export const ENVELOPE_FUTURE_MS_MAX = 60_000
/** The recipient id that means every agent; no agent may bear it. */
export const BROADCAST_ID = 'broadcast'

/** Whatever JSON can say. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [member: string]: JsonValue }

/** Why an envelope is refused: for the audit log, never told to the peer in detail (wire.md §3.7). */
export const ENVELOPE_REFUSALS = [
  'bad_envelope',
  'bad_signature',
  'unknown_key',
  'stale',
  'future',
  'replay',
  'wrong_recipient',
  'downgrade',
  'decrypt',
  'too_large',
] as const

/** One of {@link ENVELOPE_REFUSALS}. */
export type EnvelopeRefusal = (typeof ENVELOPE_REFUSALS)[number]

/** What an envelope can be about. */
export const INTENTS = [
  'chat',
  'task-request',
  'task-response',
  'group-chat',
  'group-invite',
  'announce',
  'info',
] as const

/** One of {@link INTENTS}. */
export type Intent = (typeof INTENTS)[number]

/** False for the intents that end an exchange, so that two agents never thank each other for ever. */
export function mayBeAnswered(intent: Intent): boolean {
  return intent !== 'task-response' && intent !== 'info'
}

const nameSchema = z
  .string()
  .refine((name) => hasAtMostChars(name, ENVELOPE_NAME_CHARS_MAX), `More than ${ENVELOPE_NAME_CHARS_MAX} characters`)
const idSchema = nameSchema.refine((id) => id !== '', 'Empty')
const addressIdSchema = idSchema.refine(
  (id) => Buffer.byteLength(JSON.stringify(id)) <= ENVELOPE_ID_BYTES_MAX,
  `More than ${ENVELOPE_ID_BYTES_MAX} bytes`,
)
const agentIdSchema = addressIdSchema.refine((id) => id !== BROADCAST_ID, 'No agent may be called broadcast')
const absentSchema = z.undefined().optional()

/** `YYYY-MM-DDThh:mm:ss[.fraction]Z`, a moment that exists: no offset, no 30 February, no leap second. */
function isUtcTimestamp(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(text)) return false
  const time = Date.parse(text)
  return Number.isFinite(time) && new Date(time).toISOString().startsWith(text.slice(0, 19))
}

const senderSchema = z.looseObject({ agentId: agentIdSchema, agentName: nameSchema })

const agentAddressSchema = senderSchema.extend({ groupId: absentSchema, groupName: absentSchema })

const groupAddressSchema = z.looseObject({
  groupId: addressIdSchema,
  groupName: nameSchema,
  agentId: absentSchema,
  agentName: absentSchema,
})

const broadcastAddressSchema = z.looseObject({
  agentId: z.literal(BROADCAST_ID),
  agentName: absentSchema,
  groupId: absentSchema,
  groupName: absentSchema,
})

/** Exactly one of an agent, a group or everyone; an address that is two of them at once is refused. */
export const RecipientSchema = z.union([agentAddressSchema, groupAddressSchema, broadcastAddressSchema])

/**
 * The `auth` member. `kid`, `nonce` and `v` are optional here only so that `open` can refuse an older public system,
 * which signs without them, by a code of its own; `hmac` is judged by `open` too.
 */
const authSchema = z.looseObject({
  hmac: z.string(),
  algorithm: z.literal('sha256'),
  kid: z.string().min(1).max(ENVELOPE_KID_CHARS_MAX).optional(),
  nonce: z
    .string()
    .regex(/^[A-Za-z0-9_-]{21}[AQgw]$/, 'Not 16 bytes of base64url')
    .optional(),
  v: z.literal(2).optional(),
})

/**
 * The agent envelope as it stands on the wire. Members that are not named here are allowed, kept, and signed with the
 * rest. It expects what `parseStrict` returns: zod drops a member called `__proto__`, which `parseStrict` refuses.
 */
export const EnvelopeSchema = z.looseObject({
  protocol: z.literal('ai-comms'),
  version: z.literal('1.0'),
  from: senderSchema,
  to: RecipientSchema,
  intent: z.enum(INTENTS),
  payload: z.custom<JsonValue>((payload) => payload !== undefined, 'A payload is required'),
  conversationId: idSchema,
  timestamp: z.string().refine(isUtcTimestamp, 'Not an ISO 8601 time in UTC'),
  replyTo: idSchema.optional(),
  group: z.looseObject({ groupId: idSchema, groupName: nameSchema }).optional(),
  hops: z.int().min(0).max(HOPS_MAX).optional(),
  encrypted: z.boolean().optional(),
  auth: authSchema.optional(),
})

/** One message between agents, signed or not. */
export type Envelope = z.infer<typeof EnvelopeSchema>

/** Who sends. */
export type Sender = z.infer<typeof senderSchema>

/** Who is meant: an agent, a group or everyone. */
export type Recipient = z.infer<typeof RecipientSchema>

/** The signature of a sealed envelope. */
export type EnvelopeAuth = {
  readonly hmac: string
  readonly algorithm: 'sha256'
  readonly kid: string
  readonly nonce: string
  readonly v: 2
}

/** An envelope that carries a version 2 signature. */
export type SealedEnvelope = Envelope & { readonly auth: EnvelopeAuth }

/** What an agent wants to say; whoever completes it adds protocol, version, time and signature. */
export type EnvelopeDraft = {
  readonly from: Sender
  readonly to: Recipient
  readonly intent: Intent
  readonly payload: unknown
  readonly conversationId: string
  readonly replyTo?: string | undefined
  readonly group?: { readonly groupId: string; readonly groupName: string } | undefined
  readonly hops?: number | undefined
  readonly [member: string]: unknown
}

/** No, and why. `detail` holds no secret and nothing of the payload; `claimedFrom` is the sender's unproven word. */
export type EnvelopeRefused = {
  readonly ok: false
  readonly refusal: EnvelopeRefusal
  readonly detail: string
  readonly claimedFrom?: string
}

/** Takes a strictly parsed value as an envelope, or names the first member that is wrong; `open` decides the rest. */
export function parseEnvelope(value: JsonValue): { readonly ok: true; readonly envelope: Envelope } | EnvelopeRefused {
  const parsed = EnvelopeSchema.safeParse(value)
  if (parsed.success) return { ok: true, envelope: parsed.data }
  const [issue] = parsed.error.issues
  return { ok: false, refusal: 'bad_envelope', detail: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` }
}

/** The recipient as the key derivation names it: the agent's id, or `group:` and the group's (wire.md §3.2). */
export function toRecipientId(to: Recipient): string {
  return to.groupId === undefined ? to.agentId : `group:${to.groupId}`
}
