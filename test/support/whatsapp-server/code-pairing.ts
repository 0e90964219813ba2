import { createCipheriv, hkdfSync, pbkdf2Sync, randomBytes } from 'node:crypto'
import { aesDecryptGCM, type BinaryNode, Curve, S_WHATSAPP_NET } from '@whiskeysockets/baileys'
import type { Account } from './accounts.ts'
import { bytesIn, toAnswer, toNode, toSeconds } from './nodes.ts'
import type { CodeRequest, KeyOffer } from './registration.ts'
import type { Ask } from './world.ts'

const SALT_BYTES = 32
const CODE_NONCE_BYTES = 16
const ROUNDS = 131_072
const BUNDLE_NONCE_BYTES = 12
const KEY_BYTES = 32
const NOTHING = Buffer.alloc(0)

const underCode = (code: string, salt: Uint8Array, nonce: Uint8Array, data: Uint8Array): Buffer => {
  const key = pbkdf2Sync(code, salt, ROUNDS, KEY_BYTES, 'sha256')
  return createCipheriv('aes-256-ctr', key, nonce).update(data)
}

/** The phone's half of pairing by code: a key of its own under the code, and then the secret that both arrive at. */
export class CodeExchange {
  readonly #account: Account
  readonly #request: CodeRequest
  readonly #code: string
  readonly #ephemeral = Curve.generateKeyPair()

  constructor(account: Account, request: CodeRequest, code: string) {
    this.#account = account
    this.#request = request
    this.#code = code
  }

  /** What the phone lets the client know. */
  toHello(now: number): BinaryNode {
    const [salt, nonce] = [randomBytes(SALT_BYTES), randomBytes(CODE_NONCE_BYTES)]
    const wrapped = Buffer.concat([salt, nonce, underCode(this.#code, salt, nonce, this.#ephemeral.public)])
    const attributes = { type: 'link_code_companion_reg', id: `code-${now}`, from: S_WHATSAPP_NET, t: toSeconds(now) }
    return toNode('notification', attributes, [
      toNode('link_code_companion_reg', { stage: 'primary_hello' }, [
        toNode('link_code_pairing_wrapped_primary_ephemeral_pub', {}, wrapped),
        toNode('primary_identity_pub', {}, this.#account.identity.public),
        toNode('link_code_pairing_ref', {}, this.#request.ref),
      ]),
    ])
  }

  /** The adv secret, in base64. @throws {Error} when the code on the phone is not the client's */
  toSecret({ bundle, identityKey }: KeyOffer): string {
    const shared = Curve.sharedKey(this.#ephemeral.private, this.#clientKey())
    const salt = bundle.subarray(0, SALT_BYTES)
    const nonce = bundle.subarray(SALT_BYTES, SALT_BYTES + BUNDLE_NONCE_BYTES)
    const info = 'link_code_pairing_key_bundle_encryption_key'
    const key = Buffer.from(hkdfSync('sha256', shared, salt, info, KEY_BYTES))
    const opened = this.#open(bundle.subarray(SALT_BYTES + BUNDLE_NONCE_BYTES), key, nonce)
    const identityShared = Curve.sharedKey(this.#account.identity.private, identityKey)
    // The bundle holds both identity keys, then what the client has made up
    const made = opened.subarray(2 * KEY_BYTES)
    const input = Buffer.concat([shared, identityShared, made])
    return Buffer.from(hkdfSync('sha256', input, NOTHING, 'adv_secret', KEY_BYTES)).toString('base64')
  }

  #clientKey(): Buffer {
    const { wrappedKey } = this.#request
    const salt = wrappedKey.subarray(0, SALT_BYTES)
    const nonce = wrappedKey.subarray(SALT_BYTES, SALT_BYTES + CODE_NONCE_BYTES)
    return underCode(this.#code, salt, nonce, wrappedKey.subarray(SALT_BYTES + CODE_NONCE_BYTES))
  }

  #open(sealed: Uint8Array, key: Uint8Array, nonce: Uint8Array): Buffer {
    try {
      return aesDecryptGCM(sealed, key, nonce, NOTHING)
    } catch (cause) {
      throw new Error('The code on the phone is not the one that the client shows', { cause })
    }
  }
}

/** A client's two steps of pairing by code: it asks for a code to be entered, then offers its keys. */
export const takeCodeStep = ({ world, connection, query, part, role }: Ask): void => {
  if (role.name !== 'registering') return
  const { registration } = role
  if (part?.attrs['stage'] === 'companion_hello') {
    const ref = randomBytes(16)
    const wrappedKey = bytesIn(part, 'link_code_pairing_wrapped_companion_ephemeral_pub')
    registration.codeRequest = { jid: part.attrs['jid'] ?? '', ref, wrappedKey }
    const answer = toNode('link_code_companion_reg', {}, [toNode('link_code_pairing_ref', {}, ref)])
    connection.send(toAnswer(query, [answer]))
  } else {
    connection.send(toAnswer(query))
    const bundle = bytesIn(part, 'link_code_pairing_wrapped_key_bundle')
    registration.keyOffer = { bundle, identityKey: bytesIn(part, 'companion_identity_public') }
  }
  world.changes.announce()
}
