import { parseStrict } from './canonical.ts'
import { decryptPayload, isSignedBy, withoutHmac, withoutPayload } from './cipher.ts'
import {
  BROADCAST_ID,
  ENVELOPE_FUTURE_MS_MAX,
  ENVELOPE_STALE_MS_MAX,
  type Envelope,
  type EnvelopeRefusal,
  type EnvelopeRefused,
  type JsonValue,
  parseEnvelope,
  type Recipient,
  toRecipientId,
} from './envelope.ts'
import type { KeyRing } from './keys.ts'
import type { ReplayEntry, ReplayWindow } from './replay.ts'

/** Who opens, when, and how strictly. */
export type OpenOptions = {
  /** Epoch milliseconds. */
  readonly now: number
  readonly me: { readonly agentId: string; readonly groupIds: ReadonlySet<string> }
  /** Null for an agent without a secret: it can verify nothing, and refuses whatever is signed. */
  readonly keyRing: KeyRing | null
  readonly replay: ReplayWindow
  /** Refuse what is not signed. */
  readonly requireAuth: boolean
  /** Refuse plaintext payloads even without an encryption root; with one they are always refused. */
  readonly requireEncryption: boolean
}

/**
 * What came: the envelope as it was sent, and its payload in the clear. Only an authenticated one is known to be from a
 * member. `received` is what the replay window now remembers of it, for the disk; null when there was no signature.
 */
export type Opened = {
  readonly ok: true
  readonly authenticated: boolean
  readonly envelope: Envelope
  readonly payload: JsonValue
  readonly received: ReplayEntry | null
}

type Fault = { readonly refusal: EnvelopeRefusal; readonly detail: string }

/**
 * Checks an envelope and takes its payload out, in the order of wire.md §3.4: size, strict parse, schema, recipient, kid,
 * signature, time, replay, decryption, policy. It never throws, whatever the text, and remembers nothing of an envelope
 * before its signature holds. An echo of one's own group message or broadcast opens too: compare `from`.
 * An `auth` without `kid`, `nonce` and `v`, as older public systems write it, names no key of ours: `unknown_key`.
 */
export function open(text: unknown, options: OpenOptions): Opened | EnvelopeRefused {
  const read = readEnvelope(text)
  if (!read.ok) return read
  const { envelope } = read
  const fault = findFault(envelope, options)
  const received = fault ? null : toReplayEntry(envelope, options.now)
  const opened = fault ?? findReplay(received, envelope, options.replay) ?? readPayload(envelope, options)
  return 'refusal' in opened
    ? { ok: false, ...opened, claimedFrom: envelope.from.agentId }
    : { ok: true, authenticated: received !== null, envelope, payload: opened.payload, received }
}

function readEnvelope(text: unknown): { readonly ok: true; readonly envelope: Envelope } | EnvelopeRefused {
  if (typeof text !== 'string') return { ok: false, refusal: 'bad_envelope', detail: 'Not a text' }
  const parsed = parseStrict(text)
  return parsed.ok ? parseEnvelope(parsed.value) : parsed
}

function findFault(envelope: Envelope, options: OpenOptions): Fault | undefined {
  if (!isRecipient(envelope.to, options.me)) return { refusal: 'wrong_recipient', detail: 'For somebody else' }
  return findSignatureFault(envelope, options) ?? findTimeFault(envelope, options.now)
}

function isRecipient(to: Recipient, me: OpenOptions['me']): boolean {
  if (to.groupId !== undefined) return me.groupIds.has(to.groupId)
  return to.agentId === BROADCAST_ID || to.agentId === me.agentId
}

function findSignatureFault(envelope: Envelope, { keyRing, requireAuth }: OpenOptions): Fault | undefined {
  const { auth } = envelope
  if (auth === undefined) {
    if (requireAuth) return { refusal: 'bad_signature', detail: 'Not signed' }
    return envelope.encrypted ? { refusal: 'bad_signature', detail: 'Encrypted, but not signed' } : undefined
  }
  const { kid, nonce, v } = auth
  if (kid === undefined || nonce === undefined || v === undefined) {
    return { refusal: 'unknown_key', detail: 'Not signed in version 2: kid, nonce or v is missing' }
  }
  const key = keyRing?.findVerificationKey(kid, toScope(envelope))
  if (!key) return { refusal: 'unknown_key', detail: 'No secret here goes by this kid' }
  if (isSignedBy(withoutHmac(envelope), auth.hmac, key)) return undefined
  return { refusal: 'bad_signature', detail: 'The signature does not hold' }
}

/** Written so that a clock that is not a number refuses. */
function findTimeFault({ timestamp }: Envelope, now: number): Fault | undefined {
  const ageMs = now - Date.parse(timestamp)
  if (!(ageMs <= ENVELOPE_STALE_MS_MAX)) return { refusal: 'stale', detail: `Stamped ${timestamp}` }
  if (!(ageMs >= -ENVELOPE_FUTURE_MS_MAX)) return { refusal: 'future', detail: `Stamped ${timestamp}` }
  return undefined
}

/** What identifies a verified envelope; nothing without a signature, since anyone could fill the window then. */
function toReplayEntry({ auth, from }: Envelope, receivedAt: number): ReplayEntry | null {
  if (auth?.kid === undefined || auth.nonce === undefined) return null
  return { kid: auth.kid, from: from.agentId, nonce: auth.nonce, receivedAt }
}

function findReplay(entry: ReplayEntry | null, { timestamp }: Envelope, replay: ReplayWindow): Fault | undefined {
  const admission = entry ? replay.admit(entry, Date.parse(timestamp)) : 'fresh'
  switch (admission) {
    case 'fresh':
      return undefined
    case 'seen':
      return { refusal: 'replay', detail: 'This nonce came before' }
    case 'unsure':
      return { refusal: 'replay', detail: 'It may have come before this start' }
    case 'full':
      return { refusal: 'replay', detail: 'No room to remember it' }
    default:
      return admission satisfies never
  }
}

function readPayload(envelope: Envelope, options: OpenOptions): { readonly payload: JsonValue } | Fault {
  const { keyRing, requireEncryption } = options
  if (!envelope.encrypted) {
    if (!requireEncryption && !keyRing?.encrypts) return { payload: envelope.payload }
    return { refusal: 'downgrade', detail: 'The payload is not encrypted' }
  }
  const keys = keyRing?.decryptionKeys(envelope.auth?.kid ?? '', toScope(envelope)) ?? []
  const plaintext = decryptPayload(envelope.payload, withoutPayload(withoutHmac(envelope)), keys)
  if (plaintext === undefined) return { refusal: 'decrypt', detail: 'The payload does not open' }
  const parsed = parseStrict(plaintext)
  return parsed.ok ? { payload: parsed.value } : { refusal: parsed.refusal, detail: `Payload: ${parsed.detail}` }
}

function toScope(envelope: Envelope): { readonly fromId: string; readonly toId: string } {
  return { fromId: envelope.from.agentId, toId: toRecipientId(envelope.to) }
}
