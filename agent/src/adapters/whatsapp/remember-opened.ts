import { createHash } from 'node:crypto'
import type { SignalDataSet, SignalKeyStoreWithTransaction, SocketConfig } from '@whiskeysockets/baileys'
import type { Arrivals } from './arrivals.ts'
import { OPENED } from './auth-store.ts'

/** Makes what opens and seals messages. */
export type MakeRepository = SocketConfig['makeSignalRepository']

/** Fingerprint of something sealed. */
export const toDigest = (sealed: Uint8Array): Buffer => createHash('sha256').update(sealed).digest()

const hasTransactions = (keys: object): keys is SignalKeyStoreWithTransaction => 'transaction' in keys

/**
 * Makes opening a message safe to do twice. Its text is committed together with the key that it used up; when the same
 * message comes again, after a crash or a lost connection, the text is still there although the key is gone.
 */
export const rememberOpened =
  (make: MakeRepository, arrivals: Pick<Arrivals, 'findPlain'>): MakeRepository =>
  (auth, logger, toLids) => {
    const repository = make(auth, logger, toLids)
    const { keys } = auth
    if (!hasTransactions(keys)) throw new TypeError('Baileys has keys without transactions')
    const openOnce = async (sealed: Uint8Array, lock: string, open: () => Promise<Uint8Array>): Promise<Uint8Array> => {
      const digest = toDigest(sealed)
      const known = arrivals.findPlain(digest)
      if (known !== undefined) return known
      // within the transaction in which the key is used up, since one inside of another is the same
      return keys.transaction(async () => {
        const plain = await open()
        const opened: object = { [OPENED]: { [digest.toString('hex')]: plain } }
        await keys.set(opened as SignalDataSet)
        return plain
      }, lock)
    }
    return {
      ...repository,
      decryptMessage: (options) => openOnce(options.ciphertext, options.jid, () => repository.decryptMessage(options)),
      decryptGroupMessage: (options) =>
        openOnce(options.msg, options.group, () => repository.decryptGroupMessage(options)),
    }
  }
