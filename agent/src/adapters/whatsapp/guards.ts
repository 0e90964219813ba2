import { verifySignature } from 'libsignal/src/curve.js'

/** The part of Baileys' `Curve` that says whether a signature is genuine. */
export interface Verifier {
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
}

/** Methods of the console that libsignal writes to. */
type ConsoleMethod = 'info' | 'warn' | 'error'

/** A console, as far as it is guarded. */
export type GuardedConsole = { [Method in ConsoleMethod]: (...words: unknown[]) => void }

/** The byte that libsignal wants before a public key. */
const KEY_TYPE = Buffer.from([5])

/** What libsignal says as it replaces a session, most of it with the private keys of that session behind it. */
const LIBSIGNAL_SENTENCES =
  /^(?:Closing (?:session|open session)|Opening session|Removing old closed session|Session (?:already (?:closed|open)|error)|Migrating session|V1 session storage migration|Decrypted message with closed session|Failed to decrypt message|WARNING: Expected pubkey|Unhandled bucket type)/

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

/** Consoles that are guarded already. */
const guarded = new WeakSet<GuardedConsole>()

/** Keeps libsignal's lines, and the private keys in them, off the console. Everybody else's pass. */
export const guardConsole = (target: GuardedConsole): void => {
  if (guarded.has(target)) return
  guarded.add(target)
  for (const method of ['info', 'warn', 'error'] as const) {
    const write = target[method]
    target[method] = (...words) => {
      const [first] = words
      if (typeof first === 'string' && LIBSIGNAL_SENTENCES.test(first)) return
      write.apply(target, words)
    }
  }
}
