import { describe, expect, it } from 'vitest'
import type { WhatsAppEvent } from './events.ts'
import { Pairing } from './pairing.ts'

const QR = 'https://wa.me/settings/linked_devices#2@ref,noise,identity,secret,1'

const listen = (rest: { pairingNumber?: string; drawQr?: (text: string) => string } = {}) => {
  const written: string[] = []
  const events: WhatsAppEvent[] = []
  const faults: unknown[] = []
  const pairing = new Pairing({
    output: { write: (text) => written.push(text) },
    observe: (event) => void events.push(event),
    complain: (error) => void faults.push(error),
    ...rest,
  })
  return { pairing, written, events, faults }
}
const noCodes = { requestCode: async () => expect.fail('no code was wanted') }

describe('asking for a phone', () => {
  it('shows a QR in the terminal, and a new one each time it changes', () => {
    const { pairing, written, events } = listen()
    pairing.take(QR, noCodes)
    pairing.take(`${QR}2`, noCodes)
    expect(written).toHaveLength(2)
    expect(written[0]).toMatch(/Scan this with WhatsApp[\s\S]*▄▄▄▄▄▄▄/)
    expect(written[1]).not.toBe(written[0])
    for (const line of written.join('').split('\n')) expect(line.length).toBeLessThan(120)
    expect(JSON.stringify(events)).not.toContain('secret')
  })

  it('shows a code where there is a number, once for each connection', async () => {
    const { pairing, written, events } = listen({ pairingNumber: '15550001' })
    const asked: string[] = []
    const requestCode = async (number: string) => {
      asked.push(number)
      return 'ABCD1234'
    }
    const socket = { requestCode }
    pairing.take(QR, socket)
    pairing.take(QR, socket)
    await Promise.resolve()
    await Promise.resolve()
    expect(asked).toEqual(['15550001'])
    expect(written.join('')).toMatch(/Type this code: ABCD-1234\nWaiting for the phone/)
    expect(JSON.stringify(events)).not.toContain('ABCD')
    for (let each = 0; each < 10; each += 1) pairing.take(QR, { requestCode })
    expect(asked).toHaveLength(4)
  })

  it('goes on when a connection was lost before it gave a code', async () => {
    const { pairing, faults } = listen({ pairingNumber: '15550001' })
    const requestCode = () => Promise.reject(new Error('Connection Closed'))
    pairing.take(QR, { requestCode })
    await Promise.resolve()
    await Promise.resolve()
    expect(faults).toHaveLength(1)
  })
})
