/** Methods of the console that libsignal writes to. */
type ConsoleMethod = 'info' | 'warn' | 'error'

/** A console, as far as it is guarded. */
export type GuardedConsole = { [Method in ConsoleMethod]: (...words: unknown[]) => void }

/** What libsignal says as it replaces a session, most of it with the private keys of that session behind it. */
const LIBSIGNAL_SENTENCES =
  /^(?:Closing (?:session|open session)|Opening session|Removing old closed session|Session (?:already (?:closed|open)|error)|Migrating session|V1 session storage migration|Decrypted message with closed session|Failed to decrypt message|WARNING: Expected pubkey|Unhandled bucket type)/

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
