import { initAuthCreds } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { StartError, StorageError } from '../../core/failures.ts'
import { useFolder } from '../../test-support/folder.ts'
import { Arrivals } from './arrivals.ts'
import { AuthStore, OPENED } from './auth-store.ts'
import { openWhatsAppStore } from './database.ts'

const useStore = () => {
  const folder = useFolder()
  const database = openWhatsAppStore(folder.path)
  const arrivals = new Arrivals(database)
  return {
    database,
    arrivals,
    open: () => new AuthStore(database, arrivals),
    [Symbol.dispose]: () => {
      database.close()
      folder[Symbol.dispose]()
    },
  }
}

describe('who this device is for WhatsApp', () => {
  it('is kept over a restart, bytes and all', async () => {
    using kept = useStore()
    const auth = kept.open()
    const pair = { public: Buffer.from([1, 2]), private: Buffer.from([3]) }
    await auth.keys.set({ 'pre-key': { 7: pair }, session: { a: Buffer.from('ratchet'), b: Buffer.from('other') } })
    auth.creds.nextPreKeyId = 8
    auth.save(auth.creds)
    const again = kept.open()
    expect(again.creds).toEqual(auth.creds)
    expect(again.creds.noiseKey.private).toBeInstanceOf(Buffer)
    expect(await again.keys.get('pre-key', ['7', '9'])).toEqual({ 7: pair })
    await again.keys.set({ session: { a: null } })
    expect(await again.keys.get('session', ['a', 'b'])).toEqual({ b: Buffer.from('other') })
  })

  it('keeps all keys of a commit, or none', () => {
    using kept = useStore()
    const auth = kept.open()
    const cyclic: { self?: unknown } = {}
    cyclic.self = cyclic
    const broken = { session: { a: Buffer.from('ratchet') }, 'device-list': { b: cyclic } }
    expect(() => auth.keys.set(broken as never)).toThrow()
    expect(auth.keys.get('session', ['a'])).toEqual({})
  })

  it('writes a text down with the key that opened it', async () => {
    using kept = useStore()
    const digest = Buffer.from('digest')
    kept.arrivals.note({ chat: '1@lid', sender: '1@lid', id: 'A1', stanza: 's', digests: [digest] }, 1)
    const opened = { [OPENED]: { [digest.toString('hex')]: Buffer.from('hello') } }
    await kept.open().keys.set({ session: { a: Buffer.from('ratchet') }, ...opened })
    expect(kept.arrivals.findPlain(digest)).toEqual(Buffer.from('hello'))
  })

  it('is not replaced when it cannot be read', () => {
    using kept = useStore()
    kept.open()
    kept.database.exec("UPDATE auth SET value = '{\"noiseKey' WHERE kind = 'creds'")
    expect(() => kept.open()).toThrow(StartError)
    kept.database.exec("UPDATE auth SET value = '{}' WHERE kind = 'creds'")
    expect(() => kept.open()).toThrow(/cannot be read; move it away/)
    kept.database.exec("UPDATE auth SET kind = 'session' WHERE kind = 'creds'")
    expect(() => kept.open()).toThrow(StartError)
  })

  it('is forgotten as a whole, and a socket of before cannot bring it back', async () => {
    using kept = useStore()
    const auth = kept.open()
    const before = auth.creds
    await auth.keys.set({ session: { a: Buffer.from('ratchet') } })
    auth.forget()
    before.nextPreKeyId = 99
    auth.save(before)
    expect(auth.creds.noiseKey).not.toEqual(before.noiseKey)
    expect(kept.open().creds).toEqual(auth.creds)
    expect(await auth.keys.get('session', ['a'])).toEqual({})
  })

  it('takes back a pairing that was not finished', () => {
    using kept = useStore()
    const auth = kept.open()
    auth.creds.me = { id: '15550001@s.whatsapp.net' }
    auth.creds.pairingCode = 'ABCD1234'
    auth.dropHalfPairing()
    expect([auth.isPaired, kept.open().creds.me, kept.open().creds.pairingCode]).toEqual([false, undefined, undefined])
    auth.creds.me = { id: '15550001@s.whatsapp.net' }
    auth.creds.account = {}
    auth.dropHalfPairing()
    expect([auth.isPaired, auth.creds.me]).toEqual([true, { id: '15550001@s.whatsapp.net' }])
  })

  it('knows numbers and hidden addresses by each other', async () => {
    using kept = useStore()
    const auth = kept.open()
    await auth.keys.set({ 'lid-mapping': { '15550001': '900', '900_reverse': '15550001' } })
    expect([auth.findNumber('900'), auth.findNumber('901')]).toEqual(['15550001', undefined])
    expect([auth.findLid('15550001'), auth.findLid('15550002')]).toEqual(['900', undefined])
  })

  it('says that it is closed after the end', () => {
    using kept = useStore()
    const auth = kept.open()
    kept.database.close()
    expect(() => auth.save(auth.creds)).toThrow(StorageError)
    expect(() => auth.keys.get('session', ['a'])).toThrow(/closed/)
    auth.save(initAuthCreds())
  })
})
