import {
  addTransactionCapability,
  DEFAULT_CONNECTION_CONFIG,
  type SignalKeyStoreWithTransaction,
} from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { settle } from '../../test-support/fake-clock.ts'
import { useFolder } from '../../test-support/folder.ts'
import { Arrivals } from './arrivals.ts'
import { AuthStore } from './auth-store.ts'
import { commitFirst } from './commit-first.ts'
import { openWhatsAppStore } from './database.ts'
import { createLibraryLog } from './library-log.ts'
import type { MakeRepository } from './remember-opened.ts'

const log = createLibraryLog(() => undefined)
const toStep = (bytes: Uint8Array | undefined): number => bytes?.[0] ?? 0

/** A repository that takes one step on each message, sealed or opened, as a ratchet does, and a while for it. */
const makeRatchet: MakeRepository = (auth, logger) => {
  const keys = auth.keys as SignalKeyStoreWithTransaction
  const step = async (lock: string) =>
    keys.transaction(async () => {
      const { ratchet } = await keys.get('session', ['ratchet'])
      await settle()
      const next = Buffer.from([toStep(ratchet) + 1])
      await keys.set({ session: { ratchet: next } })
      return next
    }, lock)
  return {
    ...DEFAULT_CONNECTION_CONFIG.makeSignalRepository(auth, logger),
    encryptMessage: async ({ jid }) => ({ type: 'msg', ciphertext: await step(jid) }),
    decryptMessage: ({ jid }) => step(jid),
    deleteSession: async () => Promise.reject(new Error('no')),
  }
}

const useRatchet = (make: MakeRepository) => {
  const folder = useFolder()
  const database = openWhatsAppStore(folder.path)
  const auth = new AuthStore(database, new Arrivals(database))
  const keys = addTransactionCapability(auth.keys, log, { maxCommitRetries: 1, delayBetweenTriesMs: 0 })
  const repository = make({ creds: auth.creds, keys }, log)
  return {
    ...{ keys, repository },
    seal: () => repository.encryptMessage({ jid: '1@s.whatsapp.net', data: Buffer.from('hello') }),
    open: () => repository.decryptMessage({ jid: '900@lid', type: 'msg', ciphertext: Buffer.from('sealed') }),
    /** How many steps would be known after a crash. */
    stepsOnDisk: async () => toStep((await auth.keys.get('session', ['ratchet']))['ratchet']),
    [Symbol.dispose]: () => {
      database.close()
      folder[Symbol.dispose]()
    },
  }
}

describe('a step with the keys of a conversation', () => {
  it('is forgotten by Baileys when it is killed as it sends what the step was for', async () => {
    using test = useRatchet(makeRatchet)
    await test.keys.transaction(async () => {
      await test.seal()
      expect(await test.stepsOnDisk()).toBe(0)
    }, 'sending')
  })

  it('is on disk before what it was for can be sent', async () => {
    using test = useRatchet(commitFirst(makeRatchet))
    await test.keys.transaction(async () => {
      await test.seal()
      expect(await test.stepsOnDisk()).toBe(1)
    }, 'sending')
    expect(await test.stepsOnDisk()).toBe(1)
  })

  it('is undone by Baileys when another is taken at the same time', async () => {
    using test = useRatchet(makeRatchet)
    await Promise.all([test.seal(), test.open()])
    expect(await test.stepsOnDisk()).toBe(1)
  })

  it('waits for the one before', async () => {
    using test = useRatchet(commitFirst(makeRatchet))
    await Promise.all([test.seal(), test.open(), test.seal()])
    expect(await test.stepsOnDisk()).toBe(3)
  })

  it('fails alone', async () => {
    using test = useRatchet(commitFirst(makeRatchet))
    const [failed] = await Promise.allSettled([test.repository.deleteSession([]), test.seal()])
    expect(failed.status).toBe('rejected')
    expect(await test.stepsOnDisk()).toBe(1)
  })
})
