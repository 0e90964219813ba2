import { randomBytes } from 'node:crypto'
import { canonicalJson, parseStrict } from './canonical.ts'
import { encryptPayload, IV_BYTES, NONCE_BYTES, sign, withoutPayload } from './cipher.ts'
import {
  ENVELOPE_BYTES_MAX,
  type Envelope,
  type EnvelopeDraft,
  type EnvelopeRefused,
  parseEnvelope,
  type SealedEnvelope,
  toRecipientId,
} from './envelope.ts'
import type { KeyRing } from './keys.ts'

/** An envelope ready to be sent, and the text to send. */
export type Written<Kind extends Envelope> = { readonly ok: true; readonly envelope: Kind; readonly text: string }

/** When it is stamped (epoch ms). `fixedForVectors` is for golden vectors only: a nonce or IV used twice breaks the seal. */
export type SealOptions = {
  readonly now: number
  readonly fixedForVectors?: { readonly nonce: Uint8Array; readonly iv: Uint8Array }
}

/**
 * Completes a draft with protocol, version and time, unsigned: for agents that share no secret. Members that only a seal
 * may set (`auth`, `encrypted`) are left out. The refusal is `bad_envelope` or `too_large`.
 * @param options `now` in epoch milliseconds
 */
export function toPlainEnvelope(
  draft: EnvelopeDraft,
  options: { readonly now: number },
): Written<Envelope> | EnvelopeRefused {
  const completed = complete(draft, options.now)
  return completed.ok ? write(completed.envelope) : completed
}

/**
 * Completes a draft, encrypts its payload when the ring has an encryption root, and signs all of it under the current
 * root. The refusal is `bad_envelope` or `too_large`. A shared secret proves membership, not which member spoke.
 */
export function seal(
  draft: EnvelopeDraft,
  keyRing: KeyRing,
  options: SealOptions,
): Written<SealedEnvelope> | EnvelopeRefused {
  const completed = complete(draft, options.now)
  if (!completed.ok) return completed
  const { envelope } = completed
  const keys = keyRing.sealingKeys({ fromId: envelope.from.agentId, toId: toRecipientId(envelope.to) })
  const nonce = Buffer.from(options.fixedForVectors?.nonce ?? randomBytes(NONCE_BYTES)).toString('base64url')
  const auth = { algorithm: 'sha256', kid: keyRing.kid, nonce, v: 2 } as const
  const unsigned = { ...envelope, auth }
  if (keys.encryption) {
    unsigned.encrypted = true
    const iv = options.fixedForVectors?.iv ?? randomBytes(IV_BYTES)
    unsigned.payload = encryptPayload(envelope.payload, withoutPayload(unsigned), keys.encryption, iv)
  }
  return write({ ...unsigned, auth: { ...auth, hmac: sign(unsigned, keys.signing) } })
}

/** By way of its own text, so that what is signed is what a receiver will parse, whatever objects the draft is made of. */
function complete(
  { auth: _auth, encrypted: _encrypted, ...draft }: EnvelopeDraft,
  now: number,
): { readonly ok: true; readonly envelope: Envelope } | EnvelopeRefused {
  const timestamp = new Date(now).toISOString()
  let text: string
  try {
    text = canonicalJson({ ...draft, protocol: 'ai-comms', version: '1.0', timestamp })
  } catch {
    return { ok: false, refusal: 'bad_envelope', detail: 'The draft has no canonical JSON form' }
  }
  const parsed = parseStrict(text)
  return parsed.ok ? parseEnvelope(parsed.value) : parsed
}

function write<Kind extends Envelope>(envelope: Kind): Written<Kind> | EnvelopeRefused {
  const text = canonicalJson(envelope)
  return Buffer.byteLength(text) > ENVELOPE_BYTES_MAX
    ? { ok: false, refusal: 'too_large', detail: `More than ${ENVELOPE_BYTES_MAX} bytes once sealed` }
    : { ok: true, envelope, text }
}
