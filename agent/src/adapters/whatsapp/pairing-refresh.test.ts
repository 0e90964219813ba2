import { EventEmitter } from 'node:events'
import { initAuthCreds } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { followRefresh, withSecret } from './pairing-refresh.ts'

const REFRESH = 'CB:notification,type:companion_reg_refresh'

const follow = () => {
  const [ev, ws] = [new EventEmitter(), new EventEmitter()]
  const creds = initAuthCreds()
  // as Baileys does with whatever it is told
  ev.on('creds.update', (update: object) => Object.assign(creds, update))
  const shown: string[] = []
  followRefresh({ ev, ws }, creds, (qr) => void shown.push(qr))
  const qr = (reference: string) => `https://wa.me/settings/linked_devices#${reference},noise,identity,old,1`
  return {
    creds,
    shown,
    refresh: () => ws.emit(REFRESH),
    show: (ref: string) => ev.emit('connection.update', { qr: qr(ref) }),
  }
}

describe('the secret of a QR', () => {
  it('is its fourth field', () => {
    expect(withSecret('https://wa.me/x#2@ref,noise,identity,old,1', 'new')).toBe(
      'https://wa.me/x#2@ref,noise,identity,new,1',
    )
    expect(withSecret('nothing', 'new')).toBe('nothing')
  })

  it('is made anew when WhatsApp retires it, in the QR on the screen and in those after it', () => {
    const { creds, shown, refresh, show } = follow()
    const before = creds.advSecretKey
    show('one')
    expect(shown).toEqual([withSecret('https://wa.me/settings/linked_devices#one,noise,identity,,1', before)])
    refresh()
    const after = creds.advSecretKey
    expect(after).not.toBe(before)
    expect(Buffer.from(after, 'base64')).toHaveLength(32)
    show('two')
    expect(shown.slice(1)).toEqual(
      ['one', 'two'].map((ref) => `https://wa.me/settings/linked_devices#${ref},noise,identity,${after},1`),
    )
  })

  it('stays once a phone has used it, or a code is to', () => {
    const { creds, refresh, show } = follow()
    show('one')
    const before = creds.advSecretKey
    creds.me = { id: '15550001@s.whatsapp.net' }
    refresh()
    expect(creds.advSecretKey).toBe(before)
  })
})
