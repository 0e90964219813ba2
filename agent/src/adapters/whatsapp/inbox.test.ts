import { describe, expect, it } from 'vitest'
import { useFolder } from '../../test-support/folder.ts'
import { openWhatsAppStore } from './database.ts'
import { BROUGHT_MAX, INBOX_BOUNDS, Inbox, type InboxBounds, type Incoming } from './inbox.ts'

const NOW = 1_000_000
const ANNA = '491711234567'

const message = (text: string, chat = ANNA): Incoming => ({
  channel: 'whatsapp',
  chat: { id: chat, isGroup: false },
  sender: { id: chat, name: 'Anna' },
  text,
  sentAt: NOW,
  isAddressed: true,
  quote: undefined,
})
const entry = (id: string, text = id, chat = ANNA) => ({
  key: { chat: `${chat}@s.whatsapp.net`, sender: `${chat}@s.whatsapp.net`, id },
  message: message(text, chat),
  raw: Buffer.from(text),
})

const useInbox = (bounds: Partial<InboxBounds> = {}) => {
  const folder = useFolder()
  const database = openWhatsAppStore(folder.path)
  return {
    database,
    inbox: new Inbox(database, { ...INBOX_BOUNDS, ...bounds }),
    [Symbol.dispose]: () => {
      database.close()
      folder[Symbol.dispose]()
    },
  }
}
const texts = (inbox: Inbox) => inbox.listUnfinished().map(({ message: { text } }) => text)

describe('the inbox', () => {
  it('keeps a message until it is finished, in order, and gives it an id of its own', () => {
    using kept = useInbox()
    const added = kept.inbox.add(entry('A1', 'hello'), NOW)
    kept.inbox.add(entry('A2', 'again'), NOW)
    const again = new Inbox(kept.database)
    expect(texts(again)).toEqual(['hello', 'again'])
    const [first] = again.listUnfinished()
    expect(added).toEqual({ kind: 'added', entry: first })
    expect(first?.message).toEqual({ ...message('hello'), id: 'A1-1' })
    again.finish(1)
    expect(texts(again)).toEqual(['again'])
  })

  it('takes a message once, and the id of another chat all the same', () => {
    using kept = useInbox()
    expect(kept.inbox.add(entry('A1'), NOW).kind).toBe('added')
    expect(kept.inbox.add(entry('A1'), NOW).kind).toBe('known')
    kept.inbox.finish(1)
    expect(kept.inbox.add(entry('A1'), NOW).kind).toBe('known')
    expect(kept.inbox.add(entry('A1', 'A1', '15550001'), NOW).kind).toBe('added')
  })

  it('does not bring again what has an answer in the outbox, and has room for another in its place', () => {
    using kept = useInbox({ chatUnfinishedMax: 2 })
    kept.inbox.add(entry('A1'), NOW)
    kept.inbox.add(entry('A2'), NOW)
    kept.inbox.noteAnswered('A1-1')
    kept.inbox.noteAnswered('A1-2')
    kept.inbox.noteAnswered('nonsense')
    expect(kept.inbox.add(entry('A3'), NOW).kind).toBe('full')
    expect(texts(kept.inbox)).toEqual(['A2'])
    expect(kept.inbox.add(entry('A3'), NOW).kind).toBe('added')
  })

  it('gives up a message that was begun again and again', () => {
    using kept = useInbox()
    kept.inbox.add(entry('A1'), NOW)
    for (let each = 0; each < BROUGHT_MAX; each += 1) {
      expect(kept.inbox.listUnfinished()).toMatchObject([{ brought: each }])
      kept.inbox.noteBrought(1)
    }
    expect(kept.inbox.listUnfinished()).toEqual([])
  })

  it('counts what came too late, until that was told', () => {
    using kept = useInbox()
    for (const id of ['A1', 'A2', 'A2']) kept.inbox.addLate(entry(id), NOW)
    kept.inbox.addLate(entry('B1', 'B1', '15550001'), NOW)
    expect(kept.inbox.listLate()).toEqual([
      { person: ANNA, messages: 2 },
      { person: '15550001', messages: 1 },
    ])
    expect(texts(kept.inbox)).toEqual([])
    kept.inbox.finishLate()
    expect(kept.inbox.listLate()).toEqual([])
  })

  it('is full at its bounds, for one chat before it is for all', () => {
    using kept = useInbox({ chatUnfinishedMax: 2, unfinishedMax: 3 })
    const add = (id: string, chat?: string) => kept.inbox.add(entry(id, id, chat), NOW).kind
    expect([add('A1'), add('A2'), add('A3')]).toEqual(['added', 'added', 'full'])
    expect([add('B1', '15550001'), add('B2', '15550001')]).toEqual(['added', 'full'])
    kept.inbox.finish(1)
    expect(add('A3')).toBe('added')
  })

  it('keeps an original to be quoted, unless it is too large', () => {
    using kept = useInbox({ rawBytesMax: 5 })
    kept.inbox.add(entry('A1', 'short'), NOW)
    kept.inbox.add(entry('A2', 'too long'), NOW)
    expect(kept.inbox.findOriginal('A1-1')).toMatchObject({ raw: Buffer.from('short'), isNewest: false })
    expect(kept.inbox.findOriginal('A2-2')).toBeUndefined()
    expect(kept.inbox.findOriginal('B1-1')).toBeUndefined()
  })

  it('lets go of what is old or too much, and never of what is not finished', () => {
    using kept = useInbox({ messagesMax: 2, keepMs: 100 })
    for (const id of ['A1', 'A2', 'A3']) kept.inbox.add(entry(id), NOW)
    kept.inbox.finish(1)
    kept.inbox.finish(2)
    kept.inbox.purge(NOW)
    expect([kept.inbox.findOriginal('A1-1'), kept.inbox.findOriginal('A2-2')?.isNewest]).toEqual([undefined, false])
    kept.inbox.purge(NOW + 100)
    expect(kept.inbox.findOriginal('A2-2')).toBeUndefined()
    expect(texts(kept.inbox)).toEqual(['A3'])
  })
})
