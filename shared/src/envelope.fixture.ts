import { randomBytes } from 'node:crypto'
import { sign, withoutHmac } from './cipher.ts'
import { type Envelope, type EnvelopeDraft, toRecipientId } from './envelope.ts'
import { KeyRing } from './keys.ts'
import type { OpenOptions } from './open.ts'
import { REPLAY_STATE_EMPTY, ReplayWindow } from './replay.ts'
import { seal, toPlainEnvelope } from './seal.ts'

/** The moment at which the stories of these tests begin, in epoch milliseconds. */
export const NOON = Date.parse('2026-04-04T12:00:00.000Z')

/** A secret nobody else has. */
export const newSecret = (): string => `hex:${randomBytes(32).toString('hex')}`

/** Two secrets' rings, the second of which also encrypts. */
export const SIGNING = newSecret()
export const ENCRYPTION = newSecret()
export const signingRing = (): KeyRing => KeyRing.fromSecrets({ signing: SIGNING })
export const encryptingRing = (): KeyRing => KeyRing.fromSecrets({ signing: SIGNING, encryption: ENCRYPTION })

/** What Atlas says to Nova unless a test says otherwise. */
export const draft = (changes: Partial<EnvelopeDraft> = {}): EnvelopeDraft => ({
  from: { agentId: 'atlas_001', agentName: 'Atlas' },
  to: { agentId: 'nova_001', agentName: 'Nova' },
  intent: 'chat',
  payload: { text: 'olá 👋', list: [1, 0.1, null] },
  conversationId: 'conv_abc123',
  ...changes,
})

/** How Nova opens, at noon, unless a test says otherwise. */
export const nova = (changes: Partial<OpenOptions> = {}): OpenOptions => ({
  now: NOON,
  me: { agentId: 'nova_001', groupIds: new Set(['makers']) },
  keyRing: signingRing(),
  replay: new ReplayWindow(REPLAY_STATE_EMPTY),
  requireAuth: true,
  requireEncryption: false,
  ...changes,
})

/** How she opens when she takes unsigned envelopes too. */
export const lenient = (changes: Partial<OpenOptions> = {}): OpenOptions => nova({ requireAuth: false, ...changes })

/** An unsigned envelope as text; the test fails when it cannot be written. */
export function plainText(changes: Partial<EnvelopeDraft> = {}): string {
  const written = toPlainEnvelope(draft(changes), { now: NOON })
  if (!written.ok) throw new Error(written.detail)
  return written.text
}

/** A sealed envelope; the test fails when it cannot be sealed. */
export function sealed(from: EnvelopeDraft, keyRing: KeyRing, now = NOON) {
  const written = seal(from, keyRing, { now })
  if (!written.ok) throw new Error(written.detail)
  return written
}

/** The text of an envelope changed by a member who knows the secret, and so signed again. */
export function resigned(envelope: Envelope, keyRing: KeyRing): string {
  const scope = { fromId: envelope.from.agentId, toId: toRecipientId(envelope.to) }
  const key = keyRing.findVerificationKey(envelope.auth?.kid ?? '', scope)
  if (!key) throw new Error('No such key')
  return JSON.stringify({ ...envelope, auth: { ...envelope.auth, hmac: sign(withoutHmac(envelope), key) } })
}
