import {
  addTransactionCapability,
  DEFAULT_CONNECTION_CONFIG,
  type SignalKeyStoreWithTransaction,
} from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { useFolder } from '../../test-support/folder.ts'
import { Arrivals } from './arrivals.ts'
import { AuthStore } from './auth-store.ts'
import { openWhatsAppStore } from './database.ts'
import { createLibraryLog } from './library-log.ts'
import { type MakeRepository, rememberOpened, toDigest } from './remember-opened.ts'

const SEALED = Buffer.from('sealed')
const PLAIN = Buffer.from('hello')
const KEY = { chat: '900@lid', sender: '900@lid', id: 'A1' }
const log = createLibraryLog(() => undefined)

/** A repository whose keys are used up by opening, as those of Signal are. */
const makeOnce: MakeRepository = (auth, logger) => {
  const keys = auth.keys as SignalKeyStoreWithTransaction
  const open = (lock: string) =>
    keys.transaction(async () => {
      const { ratchet } = await keys.get('session', ['ratchet'])
      if (ratchet !== undefined) throw new Error('Key used already or never filled')
      await keys.set({ session: { ratchet: Buffer.from('used') } })
      return PLAIN
    }, lock)
  return {
    ...DEFAULT_CONNECTION_CONFIG.makeSignalRepository(auth, logger),
    decryptMessage: ({ jid }) => open(jid),
    decryptGroupMessage: ({ group }) => open(group),
  }
}

const useRepository = (make: MakeRepository) => {
  const folder = useFolder()
  const database = openWhatsAppStore(folder.path)
  const arrivals = new Arrivals(database)
  const auth = new AuthStore(database, arrivals)
  arrivals.note({ ...KEY, stanza: '{}', digests: [toDigest(SEALED)] }, 1)
  const open = () => {
    const keys = addTransactionCapability(auth.keys, log, { maxCommitRetries: 1, delayBetweenTriesMs: 0 })
    const repository = make({ creds: auth.creds, keys }, log)
    return repository.decryptMessage({ jid: '900@lid', type: 'msg', ciphertext: SEALED })
  }
  return {
    ...{ arrivals, auth, open },
    [Symbol.dispose]: () => {
      database.close()
      folder[Symbol.dispose]()
    },
  }
}

describe('a message that is opened', () => {
  it('is lost by Baileys when it comes again before it was read', async () => {
    using test = useRepository(makeOnce)
    expect(await test.open()).toEqual(PLAIN)
    await expect(test.open()).rejects.toThrow('Key used already')
  })

  it('can be opened again until it was read, although its key is used up', async () => {
    using test = useRepository((...parts) => rememberOpened(makeOnce, test.arrivals)(...parts))
    expect(await test.open()).toEqual(PLAIN)
    expect(await test.auth.keys.get('session', ['ratchet'])).toEqual({ ratchet: Buffer.from('used') })
    expect(await test.open()).toEqual(PLAIN)
    test.arrivals.markRead(KEY, 2)
    await expect(test.open()).rejects.toThrow('Key used already')
  })

  it('is not remembered when opening it failed', async () => {
    using test = useRepository((...parts) => rememberOpened(makeOnce, test.arrivals)(...parts))
    await test.auth.keys.set({ session: { ratchet: Buffer.from('used') } })
    await expect(test.open()).rejects.toThrow('Key used already')
    expect(test.arrivals.findPlain(toDigest(SEALED))).toBeUndefined()
  })
})
