import { describe, expect, it } from 'vitest'
import { useFolder } from '../../test-support/folder.ts'
import { openWhatsAppStore } from './database.ts'
import { OUTBOX_BOUNDS, Outbox, type OutboxBounds } from './outbox.ts'

const NOW = 1_000_000
const ANNA = '491711234567'
const BEN = '15550001'
const CONTENT = Buffer.from('sealed')

const useOutbox = (bounds: Partial<OutboxBounds> = {}) => {
  const folder = useFolder()
  const database = openWhatsAppStore(folder.path)
  return {
    database,
    outbox: new Outbox(database, { ...OUTBOX_BOUNDS, ...bounds }),
    [Symbol.dispose]: () => {
      database.close()
      folder[Symbol.dispose]()
    },
  }
}
const batch = (ids: readonly string[], chat = ANNA) => ({
  chat,
  answers: undefined,
  parts: ids.map((id) => ({ id, draft: { kind: 'text', text: `text of ${id}` } as const })),
})

describe('the outbox', () => {
  it('keeps the parts of a message in order, over a restart, with the ids they were given', () => {
    using kept = useOutbox()
    expect(kept.outbox.add({ ...batch(['M1', 'M2']), answers: 'A1-1' }, NOW)).toBe(true)
    kept.outbox.noteWritten(1, CONTENT, NOW + 5)
    expect(new Outbox(kept.database).findNext(ANNA)).toEqual({
      ...{ seq: 1, id: 'M1', chat: ANNA, state: 'written', attempts: 1, failures: 0, nextAt: NOW, queuedAt: NOW },
      draft: { kind: 'text', text: 'text of M1' },
      answers: 'A1-1',
      content: CONTENT,
    })
    expect(kept.outbox.accept('M1', NOW + 30)).toEqual({ ackMs: 25, attempts: 1 })
    expect(kept.outbox.accept('M1', NOW + 31)).toBeUndefined()
    expect(kept.outbox.findNext(ANNA)).toMatchObject({ id: 'M2', state: 'queued', attempts: 0 })
  })

  it('knows who has waited longest', () => {
    using kept = useOutbox()
    kept.outbox.add(batch(['M1'], BEN), NOW)
    kept.outbox.add(batch(['M2']), NOW)
    kept.outbox.add(batch(['M3'], BEN), NOW)
    expect(kept.outbox.listChats()).toEqual([BEN, ANNA])
    kept.outbox.accept('M1', NOW)
    expect(kept.outbox.listChats()).toEqual([ANNA, BEN])
  })

  it('gives up what belongs together', () => {
    using kept = useOutbox()
    kept.outbox.add(batch(['M1', 'M2', 'M3']), NOW)
    kept.outbox.add(batch(['M4']), NOW)
    kept.outbox.accept('M1', NOW)
    expect(kept.outbox.fail('M2', NOW)).toEqual(['M2', 'M3'])
    expect(kept.outbox.fail('M2', NOW)).toEqual([])
    expect(kept.outbox.findNext(ANNA)?.id).toBe('M4')
  })

  it('gives up what has waited for a day', () => {
    using kept = useOutbox({ waitMsMax: 100 })
    kept.outbox.add(batch(['M1']), NOW)
    kept.outbox.add(batch(['M2']), NOW + 1)
    expect(kept.outbox.failOld(NOW + 100)).toEqual(['M1'])
    expect(kept.outbox.findNext(ANNA)?.id).toBe('M2')
  })

  it('has what was sent for devices that could not open it, for a day', () => {
    using kept = useOutbox({ keepMs: 100 })
    kept.outbox.add(batch(['M1']), NOW)
    expect(kept.outbox.findContent('M1', NOW)).toBeUndefined()
    kept.outbox.noteWritten(1, CONTENT, NOW)
    kept.outbox.accept('M1', NOW)
    const delivered = (['delivered', 'delivered', 'read', 'delivered'] as const).map((state) =>
      kept.outbox.noteDelivered('M1', state),
    )
    expect(delivered).toEqual([true, false, true, false])
    expect(kept.outbox.findContent('M1', NOW + 99)).toEqual(CONTENT)
    expect(kept.outbox.findContent('M1', NOW + 100)).toBeUndefined()
    expect([kept.outbox.has('M1'), kept.outbox.has('M9')]).toEqual([true, false])
  })

  it('takes a message whole or not at all when it is full', () => {
    using kept = useOutbox({ chatWaitingMax: 2, waitingMax: 3, waitingCharsMax: 100 })
    expect(kept.outbox.add(batch(['M1', 'M2', 'M3']), NOW)).toBe(false)
    expect(kept.outbox.listChats()).toEqual([])
    expect(kept.outbox.add(batch(['M1', 'M2']), NOW)).toBe(true)
    expect(kept.outbox.add(batch(['M3', 'M4'], BEN), NOW)).toBe(false)
    expect(kept.outbox.add(batch(['x'.repeat(90)], BEN), NOW)).toBe(false)
    expect(kept.outbox.add(batch(['M3'], BEN), NOW)).toBe(true)
  })

  it('lets go of what is old or too much, and never of what waits', () => {
    using kept = useOutbox({ messagesMax: 2, keepMs: 100 })
    kept.outbox.add(batch(['M1', 'M2', 'M3', 'M4']), NOW)
    for (const id of ['M1', 'M2', 'M3']) kept.outbox.accept(id, NOW)
    kept.outbox.purge(NOW)
    expect(['M1', 'M2', 'M3', 'M4'].map((id) => kept.outbox.has(id))).toEqual([false, false, true, true])
    kept.outbox.purge(NOW + 100)
    expect(['M3', 'M4'].map((id) => kept.outbox.has(id))).toEqual([false, true])
  })
})
