import { createHash, hkdfSync } from 'node:crypto'
import { aesDecryptGCM, aesEncryptGCM, Curve, NOISE_MODE, NOISE_WA_HEADER, proto } from '@whiskeysockets/baileys'
import type { ServerIdentity } from './identity.ts'

const NOTHING = Buffer.alloc(0)

const toNonce = (count: number): Buffer => {
  const nonce = Buffer.alloc(12)
  nonce.writeUInt32BE(count, 8)
  return nonce
}

/** A key, and how often it was used: the next nonce. */
class Cipher {
  readonly #key: Uint8Array
  #count = 0

  constructor(key: Uint8Array) {
    this.#key = key
  }

  seal(plain: Uint8Array, bound: Uint8Array = NOTHING): Buffer {
    return aesEncryptGCM(plain, this.#key, toNonce(this.#count++), bound)
  }

  open(sealed: Uint8Array, bound: Uint8Array = NOTHING): Buffer {
    return aesDecryptGCM(sealed, this.#key, toNonce(this.#count++), bound)
  }
}

/** What protects a connection once the handshake is done: each direction has a key of its own. */
export interface Transport {
  seal(plain: Uint8Array): Buffer
  open(sealed: Uint8Array): Buffer
}

/** What a client has said by the end of its handshake. */
export interface Finish {
  /** The client's static key: a companion is known by it. */
  readonly noiseKey: Buffer
  readonly payload: proto.ClientPayload
  readonly transport: Transport
}

/**
 * The responder's half of Noise_XX_25519_AESGCM_SHA256.
 * @see https://noiseprotocol.org/noise.html#interactive-handshake-patterns-fundamental
 */
export class Handshake {
  readonly #identity: ServerIdentity
  readonly #ephemeral = Curve.generateKeyPair()
  // The protocol's name has exactly the length of a hash, so it is taken unhashed
  #hash: Buffer = Buffer.from(NOISE_MODE)
  #salt = this.#hash
  #cipher = new Cipher(this.#hash)

  constructor(identity: ServerIdentity) {
    this.#identity = identity
    this.#mixHash(NOISE_WA_HEADER)
  }

  /** Takes `e`, answers `e, ee, s, es`. @throws {Error} when the frame is no ClientHello */
  answerHello(frame: Uint8Array): Uint8Array {
    const theirs = proto.HandshakeMessage.decode(frame).clientHello?.ephemeral
    if (!theirs) throw new Error('The first frame is no ClientHello')
    const { staticKey, certificates } = this.#identity
    this.#mixHash(theirs)
    this.#mixHash(this.#ephemeral.public)
    this.#mixKey(Curve.sharedKey(this.#ephemeral.private, theirs))
    const sealedKey = this.#seal(staticKey.public)
    this.#mixKey(Curve.sharedKey(staticKey.private, theirs))
    const payload = this.#seal(certificates)
    const serverHello = { ephemeral: this.#ephemeral.public, static: sealedKey, payload }
    return proto.HandshakeMessage.encode({ serverHello }).finish()
  }

  /** Takes `s, se` with the client's payload. @throws {Error} when the frame is no ClientFinish */
  finish(frame: Uint8Array): Finish {
    const { clientFinish } = proto.HandshakeMessage.decode(frame)
    if (!clientFinish?.static || !clientFinish.payload) throw new Error('The second frame is no ClientFinish')
    const noiseKey = this.#open(clientFinish.static)
    this.#mixKey(Curve.sharedKey(this.#ephemeral.private, noiseKey))
    const payload = proto.ClientPayload.decode(this.#open(clientFinish.payload))
    const [receiving, sending] = this.#derive(NOTHING).map((key) => new Cipher(key))
    if (receiving === undefined || sending === undefined) throw new Error('The handshake gave no keys')
    const transport = {
      seal: (plain: Uint8Array) => sending.seal(plain),
      open: (sealed: Uint8Array) => receiving.open(sealed),
    }
    return { noiseKey, payload, transport }
  }

  #mixHash(data: Uint8Array): void {
    this.#hash = createHash('sha256').update(this.#hash).update(data).digest()
  }

  #derive(input: Uint8Array): readonly Buffer[] {
    const keys = Buffer.from(hkdfSync('sha256', input, this.#salt, NOTHING, 64))
    return [keys.subarray(0, 32), keys.subarray(32)]
  }

  #mixKey(input: Uint8Array): void {
    const [salt = NOTHING, key = NOTHING] = this.#derive(input)
    this.#salt = salt
    this.#cipher = new Cipher(key)
  }

  #seal(plain: Uint8Array): Buffer {
    const sealed = this.#cipher.seal(plain, this.#hash)
    this.#mixHash(sealed)
    return sealed
  }

  #open(sealed: Uint8Array): Buffer {
    const plain = this.#cipher.open(sealed, this.#hash)
    this.#mixHash(sealed)
    return plain
  }
}
