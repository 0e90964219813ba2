import { describe, expect, it } from 'vitest'
import { useFolder } from '../../test-support/folder.ts'
import { ARRIVAL_BOUNDS, type ArrivalBounds, Arrivals } from './arrivals.ts'
import { openWhatsAppStore } from './database.ts'

const NOW = 1_000_000
const KEY = { chat: '1@lid', sender: '1@lid', id: 'A1' }
const DIGEST = Buffer.from('digest')
const PLAIN = Buffer.from('hello')

const useArrivals = (bounds: Partial<ArrivalBounds> = {}) => {
  const folder = useFolder()
  const database = openWhatsAppStore(folder.path)
  return {
    database,
    arrivals: new Arrivals(database, { ...ARRIVAL_BOUNDS, ...bounds }),
    [Symbol.dispose]: () => {
      database.close()
      folder[Symbol.dispose]()
    },
  }
}

describe('what came in', () => {
  it('is found again when it was opened and never read, and not when it was read', () => {
    using kept = useArrivals()
    const { arrivals } = kept
    arrivals.note({ ...KEY, stanza: 'stanza', digests: [DIGEST] }, NOW)
    expect([arrivals.listOpened(NOW + 9), arrivals.findPlain(DIGEST)]).toEqual([[], undefined])
    arrivals.open(DIGEST, PLAIN)
    const again = new Arrivals(kept.database)
    expect(again.listOpened(NOW + 9)).toEqual([{ ...KEY, stanza: 'stanza', arrivedAt: NOW }])
    expect(again.findPlain(DIGEST)).toEqual(PLAIN)
    expect(again.markRead(KEY, NOW)).toBe(true)
    expect([again.listOpened(NOW + 9), again.findPlain(DIGEST), again.markRead(KEY, NOW)]).toEqual([
      [],
      undefined,
      false,
    ])
  })

  it('is left alone when it comes again after it was read', () => {
    using kept = useArrivals()
    expect(kept.arrivals.markRead(KEY, NOW)).toBe(true)
    kept.arrivals.note({ ...KEY, stanza: 'again', digests: [DIGEST] }, NOW)
    kept.arrivals.open(DIGEST, PLAIN)
    expect([kept.arrivals.listOpened(NOW + 9), kept.arrivals.findPlain(DIGEST)]).toEqual([[], undefined])
    expect([kept.arrivals.isRead(KEY), kept.arrivals.isRead({ ...KEY, sender: '2@lid' })]).toEqual([true, false])
  })

  it('is known to be sealed still, until its sender has sealed it anew and it was opened', () => {
    using kept = useArrivals()
    const { arrivals } = kept
    arrivals.note({ ...KEY, stanza: 'one', digests: [DIGEST] }, NOW)
    expect(arrivals.listSealed(NOW - 1)).toEqual([])
    expect(arrivals.listSealed(NOW)).toMatchObject([KEY])
    const anew = Buffer.from('anew')
    arrivals.note({ ...KEY, stanza: 'two', digests: [anew] }, NOW + 5)
    arrivals.open(anew, PLAIN)
    expect(arrivals.listSealed(NOW + 5)).toEqual([])
    expect(arrivals.listOpened(NOW + 9)).toMatchObject([{ stanza: 'two', arrivedAt: NOW }])
  })

  it('is not kept whole when it is too large', () => {
    using kept = useArrivals({ stanzaCharsMax: 3 })
    kept.arrivals.note({ ...KEY, stanza: 'four', digests: [DIGEST] }, NOW)
    expect(kept.arrivals.listSealed(NOW)).toEqual([])
  })

  it('is forgotten after a day, or when there is too much of it', () => {
    using kept = useArrivals({ arrivalsMax: 2, keepMs: 100 })
    for (const id of ['A1', 'A2', 'A3']) kept.arrivals.markRead({ ...KEY, id }, NOW)
    kept.arrivals.purge(NOW)
    expect(['A1', 'A2', 'A3'].map((id) => kept.arrivals.isRead({ ...KEY, id }))).toEqual([false, true, true])
    kept.arrivals.purge(NOW + 100)
    expect(kept.arrivals.isRead({ ...KEY, id: 'A3' })).toBe(false)
  })
})
