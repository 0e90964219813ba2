import { verifySignature } from 'libsignal/src/curve.js'

/** The part of Baileys' `Curve` that says whether a signature is genuine. */
export interface Verifier {
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
}

/** The byte that libsignal wants before a public key. */
const KEY_TYPE = Buffer.from([5])

const isGenuine = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
  const key = publicKey.length === 33 ? Buffer.from(publicKey) : Buffer.concat([KEY_TYPE, publicKey])
  try {
    return verifySignature(key, message, signature)
  } catch {
    // a key or signature that is none, such as one of the wrong length
    return false
  }
}

/**
 * Makes Baileys look at signatures. libsignal returns its verdict, and Baileys only looks whether it threw, so that each
 * certificate of a server and each signature on a pairing were taken. `Curve` is one object which all of Baileys shares.
 */
export const guardSignatures = (curve: Verifier): void => {
  curve.verify = isGenuine
}
