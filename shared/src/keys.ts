import { createHash, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { canonicalJson } from './canonical.ts'

/** The shortest secret, in bytes once decoded: what a 256-bit key needs. */
export const SECRET_BYTES_MIN = 32
/** How many derived keys a ring keeps; one pair of agents needs two in each direction. */
export const DERIVED_KEYS_MAX = 1_024

const HKDF_DOMAIN = 'ai-comms/1'
const DERIVED_KEY_BYTES = 32

/** A secret that cannot be used. Its message says what is wrong and what is allowed, and never quotes the secret. */
export class SecretError extends Error {
  override readonly name = 'SecretError'
}

/** One decoded secret and the name by which both sides call it. The key object keeps its bytes out of logs. */
export type RootKey = { readonly kid: string; readonly key: KeyObject }

/**
 * The bytes of a configured secret: `hex:` or `base64:` and at least 32 bytes; without a prefix exactly 64 hex digits, or
 * exactly 44 characters of base64 for 32 bytes; anything else is its own UTF-8 bytes, at least 32.
 * A prefix is a promise: what follows must be strictly that, and is never taken as text.
 * @throws {SecretError} when it is malformed or too short.
 */
export function decodeSecret(secret: string): Buffer {
  if (!secret.isWellFormed()) throw new SecretError('The secret holds a lone surrogate')
  const bytes = decodeAny(secret)
  if (bytes.length < SECRET_BYTES_MIN) {
    throw new SecretError(`The secret is ${bytes.length} bytes long; at least ${SECRET_BYTES_MIN} are needed`)
  }
  return bytes
}

function decodeAny(secret: string): Buffer {
  if (secret.startsWith('hex:')) return decodeHex(secret.slice('hex:'.length))
  if (secret.startsWith('base64:')) {
    const bytes = decodeBase64(secret.slice('base64:'.length))
    if (!bytes) throw new SecretError('What follows base64: must be padded standard base64')
    return bytes
  }
  if (/^[0-9a-f]{64}$/i.test(secret)) return decodeHex(secret)
  return (secret.length === 44 ? decodeBase64(secret) : undefined) ?? Buffer.from(secret, 'utf8')
}

function decodeHex(digits: string): Buffer {
  if (!/^(?:[0-9a-f]{2})+$/i.test(digits)) throw new SecretError('What follows hex: must be pairs of hex digits')
  return Buffer.from(digits, 'hex')
}

/**
 * The bytes of standard base64, or nothing when it is not the one encoding of its bytes: other alphabets, missing
 * padding, stray bits and white space all count as something else.
 * @see https://www.rfc-editor.org/rfc/rfc4648#section-3.5
 */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

/**
 * A configured secret as a root key, called by the first eight hex digits of the SHA-256 of its bytes.
 * @throws {SecretError} as `decodeSecret` does.
 */
export function readRootKey(secret: string): RootKey {
  const bytes = decodeSecret(secret)
  return { kid: createHash('sha256').update(bytes).digest('hex').slice(0, 8), key: createSecretKey(bytes) }
}

/** The secrets of one agent; the previous ones only verify and decrypt, while a rotation is under way. */
export type Secrets = {
  readonly signing: string
  readonly signingPrevious?: string | undefined
  readonly encryption?: string | undefined
  readonly encryptionPrevious?: string | undefined
}

/** The same as root keys. An encryption root has no name on the wire: a receiver tries the current, then the previous. */
export type RootKeys = {
  readonly signing: RootKey
  readonly signingPrevious?: RootKey | undefined
  readonly encryption?: RootKey | undefined
  readonly encryptionPrevious?: RootKey | undefined
}

/** Whom a derived key is for: the sender's agent id, and the recipient as `toRecipientId` names it. */
export type KeyScope = { readonly fromId: string; readonly toId: string }

/**
 * Derives a separate key for each use, sender and recipient, and finds roots by kid, so that secrets can be rotated
 * without a moment of silence. Nothing of it shows in a log or in JSON.
 * @see https://www.rfc-editor.org/rfc/rfc5869
 */
export class KeyRing {
  readonly #signing: RootKey
  readonly #signingPrevious: RootKey | undefined
  readonly #encryption: readonly RootKey[]
  readonly #derived = new Map<string, Buffer>()

  /** A previous encryption root without a current one is ignored: this agent no longer encrypts. */
  constructor(roots: RootKeys) {
    this.#signing = roots.signing
    this.#signingPrevious = roots.signingPrevious
    const encryption = roots.encryption ? [roots.encryption, roots.encryptionPrevious] : []
    this.#encryption = encryption.filter((root) => root !== undefined)
  }

  /** @throws {SecretError} when one of them is malformed or too short. */
  static fromSecrets(secrets: Secrets): KeyRing {
    const read = (secret: string | undefined) => (secret === undefined ? undefined : readRootKey(secret))
    return new KeyRing({
      signing: readRootKey(secrets.signing),
      signingPrevious: read(secrets.signingPrevious),
      encryption: read(secrets.encryption),
      encryptionPrevious: read(secrets.encryptionPrevious),
    })
  }

  /** The name of the root that signs. */
  get kid(): string {
    return this.#signing.kid
  }

  /** Whether payloads are encrypted, and plaintext is refused. */
  get encrypts(): boolean {
    return this.#encryption.length > 0
  }

  /** The keys to seal with, of the current roots; without `encryption` when no root for it is configured. */
  sealingKeys(scope: KeyScope): { readonly signing: Buffer; readonly encryption: Buffer | undefined } {
    const [encryption] = this.decryptionKeys(this.kid, scope)
    return { signing: this.#derive('sig', this.#signing, this.kid, scope), encryption }
  }

  /** The key that a signature under this kid must hold with, or nothing when no root is called so. */
  findVerificationKey(kid: string, scope: KeyScope): Buffer | undefined {
    const root = [this.#signing, this.#signingPrevious].find((candidate) => candidate?.kid === kid)
    return root && this.#derive('sig', root, kid, scope)
  }

  /** The keys that may open a payload signed under this kid, the current root's first. */
  decryptionKeys(kid: string, scope: KeyScope): Buffer[] {
    return this.#encryption.map((root) => this.#derive('enc', root, kid, scope))
  }

  #derive(use: 'sig' | 'enc', root: RootKey, kid: string, scope: KeyScope): Buffer {
    const info = canonicalJson([HKDF_DOMAIN, use, kid, scope.fromId, scope.toId])
    const name = `${this.#encryption.indexOf(root)} ${info}`
    const known = this.#derived.get(name)
    if (known) return known
    const key = Buffer.from(hkdfSync('sha256', root.key, HKDF_DOMAIN, info, DERIVED_KEY_BYTES))
    const oldest = this.#derived.keys().next()
    if (this.#derived.size >= DERIVED_KEYS_MAX && !oldest.done) this.#derived.delete(oldest.value)
    this.#derived.set(name, key)
    return key
  }
}
