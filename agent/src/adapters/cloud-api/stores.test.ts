import { describe, expect, it } from 'vitest'
import type { InboundMessage } from '../../core/message.ts'
import { ANNA, BEN, HIDDEN } from '../../test-support/cloud-deliveries.ts'
import { useFolder } from '../../test-support/folder.ts'
import { INBOX_BOUNDS } from './inbox.ts'
import { OUTBOX_BOUNDS } from './outbox.ts'
import { openStores, purgeStores } from './stores.ts'

const NOW = 1_000_000_000_000
const DAY_MS = 86_400_000

const useStores = (inboxMax = INBOX_BOUNDS.messagesMax, outboxMax = OUTBOX_BOUNDS.messagesMax) => {
  const folder = useFolder()
  const stores = openStores(folder.path, {
    inbox: { ...INBOX_BOUNDS, messagesMax: inboxMax },
    outbox: { ...OUTBOX_BOUNDS, messagesMax: outboxMax },
  })
  const count = (table: string, where = 'true') =>
    stores.database.prepare<[], { rows: number }>(`SELECT count(*) AS rows FROM ${table} WHERE ${where}`).get()?.rows
  return {
    ...stores,
    count,
    stores,
    receive: (id: string, now = NOW) => {
      const added = stores.inbox.add({ wamid: `wamid.${id}`, message: message(id) }, now)
      if (added.kind !== 'added') throw new Error(added.kind)
      return added.entry.seq
    },
    say: (id: string, now = NOW, text = id) =>
      stores.outbox.add({ chat: ANNA, answers: undefined, parts: [{ id, draft: { kind: 'text', text } }] }, now),
    [Symbol.dispose]: () => {
      stores.database.close()
      folder[Symbol.dispose]()
    },
  }
}
const message = (id: string): InboundMessage => ({
  ...{ id, channel: 'whatsapp', chat: { id: ANNA, isGroup: false }, sender: { id: ANNA, name: undefined } },
  ...{ text: id, sentAt: NOW, isAddressed: true, quote: undefined },
})

describe('the inbox', () => {
  it('lets go of texts after a day and of ids after eight, and of nothing that is not finished', () => {
    using kept = useStores()
    kept.inbox.finish(kept.receive('done'))
    kept.receive('open')
    purgeStores(kept.stores, NOW + DAY_MS - 1)
    expect(kept.inbox.findText('done', ANNA)).toBe('done')
    purgeStores(kept.stores, NOW + DAY_MS)
    expect(kept.inbox.findText('done', ANNA)).toBeUndefined()
    expect(kept.inbox.has('done')).toBe(true)
    purgeStores(kept.stores, NOW + 8 * DAY_MS)
    expect([kept.inbox.has('done'), kept.inbox.has('open')]).toEqual([false, true])
    expect(kept.inbox.findText('open', ANNA)).toBe('open')
  })

  it('keeps so many ids, and the newest', () => {
    using kept = useStores(2)
    for (const id of ['a', 'b', 'c', 'd']) kept.inbox.finish(kept.receive(id))
    purgeStores(kept.stores, NOW)
    expect(['a', 'b', 'c', 'd'].map((id) => kept.inbox.has(id))).toEqual([false, false, true, true])
  })

  it('takes a message once, and what was answered makes room when the agent is back', () => {
    using kept = useStores()
    kept.receive('a')
    expect(kept.inbox.add({ wamid: 'wamid.a', message: message('a') }, NOW)).toEqual({ kind: 'known' })
    kept.inbox.noteAnswered('a')
    expect(kept.inbox.listUnfinished()).toEqual([])
    expect(kept.count('inbox', `state = 'finished'`)).toBe(1)
  })

  it('does little at a time, and says when there is more', () => {
    using kept = useStores()
    for (let row = 0; row < 60; row += 1) kept.inbox.finish(kept.receive(`${row}`))
    kept.database.exec(`INSERT INTO inbox (id, wamid, chat, person, arrived_at, state, message)
      SELECT a.id || '-' || b.id, '', '', '', ${NOW}, 'finished', 'x' FROM inbox a, inbox b LIMIT 300`)
    expect(kept.inbox.purge(NOW + DAY_MS)).toBe(true)
    expect(kept.count('inbox', `message <> ''`)).toBe(160)
    expect(kept.inbox.purge(NOW + DAY_MS)).toBe(false)
  })
})

describe('the outbox', () => {
  it('lets go of what was sent or given up after a day, and of nothing that waits', () => {
    using kept = useStores()
    for (const id of ['sent', 'failed', 'waiting']) kept.say(id)
    kept.outbox.noteSending(1, NOW)
    kept.outbox.accept('sent', 'wamid.sent', NOW)
    kept.outbox.fail('failed')
    purgeStores(kept.stores, NOW + DAY_MS - 1)
    expect(kept.outbox.findText('wamid.sent', ANNA)).toBe('sent')
    purgeStores(kept.stores, NOW + DAY_MS)
    expect([kept.count('outbox'), kept.outbox.findNext(ANNA)?.id]).toEqual([1, 'waiting'])
  })

  it('keeps so many, and the newest', () => {
    using kept = useStores(undefined, 2)
    for (const id of ['a', 'b', 'c']) {
      kept.say(id)
      kept.outbox.fail(id)
    }
    purgeStores(kept.stores, NOW)
    expect(kept.count('outbox', `id = 'a'`)).toBe(0)
    expect(kept.count('outbox')).toBe(2)
  })

  it('takes so many characters of all together', () => {
    using kept = useStores()
    const text = 'x'.repeat(OUTBOX_BOUNDS.waitingCharsMax)
    expect(kept.say('large', NOW, text)).toBe(true)
    expect(kept.say('small')).toBe(false)
    kept.outbox.fail('large')
    expect(kept.say('small')).toBe(true)
  })

  it('takes all parts of an answer or none', () => {
    using kept = useStores()
    const parts = Array.from({ length: OUTBOX_BOUNDS.chatWaitingMax + 1 }, (_, index) => ({
      id: `${index}`,
      draft: { kind: 'text' as const, text: 'x' },
    }))
    expect(kept.outbox.add({ chat: ANNA, answers: undefined, parts }, NOW)).toBe(false)
    expect(kept.count('outbox')).toBe(0)
  })

  it('knows an attempt that is not the newest from the newest', () => {
    using kept = useStores()
    kept.say('m')
    kept.outbox.noteSending(1, NOW)
    kept.outbox.noteDoubt(1, NOW)
    kept.outbox.noteSending(1, NOW)
    const isNewest = (attempt: number) => kept.outbox.find({ wamid: 'w', sent: { id: 'm', attempt } })?.isNewest
    expect([isNewest(1), isNewest(2)]).toEqual([false, true])
    expect(kept.outbox.find({ wamid: 'w', sent: { id: 'other', attempt: 1 } })).toBeUndefined()
    expect(kept.outbox.find({ wamid: 'w', sent: undefined })).toBeUndefined()
  })

  it('is not told by a late answer what a status has told already', () => {
    using kept = useStores()
    kept.say('m')
    kept.outbox.noteSending(1, NOW)
    const found = kept.outbox.find({ wamid: 'w', sent: { id: 'm', attempt: 1 } })
    if (!found) throw new Error('It was not found')
    expect(kept.outbox.noteReached(found, 'w', 'read', NOW + 5)).toMatchObject({ accepted: { ackMs: 5 }, isNews: true })
    expect(kept.outbox.accept('m', 'w', NOW + 9)).toBeUndefined()
    kept.outbox.noteDoubt(1, NOW)
    kept.outbox.noteUnsent(1, 'refused', NOW)
    expect(kept.outbox.findNext(ANNA)).toBeUndefined()
  })
})

describe('people', () => {
  it('are known by the number that was heard last with their id, for half a year', () => {
    using kept = useStores()
    kept.people.note(HIDDEN, ANNA, NOW)
    kept.people.note(HIDDEN, BEN, NOW + DAY_MS)
    expect(kept.people.findNumber(HIDDEN)).toBe(BEN)
    purgeStores(kept.stores, NOW + 180 * DAY_MS)
    expect(kept.people.findNumber(HIDDEN)).toBe(BEN)
    purgeStores(kept.stores, NOW + 181 * DAY_MS)
    expect(kept.people.findNumber(HIDDEN)).toBeUndefined()
  })
})
