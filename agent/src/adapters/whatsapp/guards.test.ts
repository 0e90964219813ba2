import { Curve } from '@whiskeysockets/baileys'
import libsignal from 'libsignal'
import { describe, expect, it } from 'vitest'
import { type GuardedConsole, guardConsole } from './guard-console.ts'
import { guardSignatures } from './guard-signatures.ts'

const listen = () => {
  const lines: unknown[][] = []
  const write = (...words: unknown[]) => void lines.push(words)
  const target: GuardedConsole = { info: write, warn: write, error: write }
  return { lines, target }
}

describe('signatures', () => {
  const pair = Curve.generateKeyPair()
  const message = Buffer.from('I am WhatsApp')
  const signature = Curve.sign(pair.private, message)
  const verifier = { verify: Curve.verify }

  it('are all taken by Baileys as it is', () => {
    expect(verifier.verify(pair.public, Buffer.from('I am Mallory'), signature)).toBe(true)
  })

  it('are taken when they are genuine, and only then', () => {
    guardSignatures(verifier)
    expect(verifier.verify(pair.public, message, signature)).toBe(true)
    expect(verifier.verify(Buffer.concat([Buffer.from([5]), pair.public]), message, signature)).toBe(true)
    expect(verifier.verify(pair.public, Buffer.from('I am Mallory'), signature)).toBe(false)
    expect(verifier.verify(Curve.generateKeyPair().public, message, signature)).toBe(false)
    expect(
      verifier.verify(
        pair.public,
        message,
        signature.map((byte) => byte ^ 1),
      ),
    ).toBe(false)
    expect(verifier.verify(pair.public, message, Buffer.alloc(3))).toBe(false)
    expect(verifier.verify(Buffer.alloc(0), message, signature)).toBe(false)
  })
})

describe('the console', () => {
  it.each([
    'Closing session:',
    'Opening session:',
    'Removing old closed session:',
    'Session already closed',
    'Session already open',
    'Migrating session to:',
    'V1 session storage migration error: registrationId',
    'Closing open session in favor of incoming prekey bundle',
    'Decrypted message with closed session.',
    'Failed to decrypt message with any known session...',
    'Session error:Error: Bad MAC',
  ])('does not show %j of libsignal, nor what follows it', (sentence) => {
    const { lines, target } = listen()
    guardConsole(target)
    for (const method of ['info', 'warn', 'error'] as const) target[method](sentence, { privKey: 'secret' })
    expect(lines).toEqual([])
  })

  it('shows what others say, once, however often it is guarded', () => {
    const { lines, target } = listen()
    guardConsole(target)
    guardConsole(target)
    target.info('The meeting is closing', { a: 1 })
    target.error(new Error('Closing session:'))
    target.warn()
    expect(lines).toEqual([['The meeting is closing', { a: 1 }], [new Error('Closing session:')], []])
  })

  it('shows nothing of a session that libsignal replaces', () => {
    const { lines, target } = listen()
    const record = new libsignal.SessionRecord()
    const close = () => Reflect.apply(Reflect.get(record, 'closeSession'), record, [session])
    const session = { indexInfo: { closed: -1, baseKey: Buffer.from('key') }, currentRatchet: { privKey: 'secret' } }
    const { info, warn, error } = console
    Object.assign(console, target)
    try {
      close()
      expect(JSON.stringify(lines)).toContain('secret')
      guardConsole(console)
      lines.length = 0
      session.indexInfo.closed = -1
      close()
      expect(lines).toEqual([])
    } finally {
      Object.assign(console, { info, warn, error })
    }
  })
})
