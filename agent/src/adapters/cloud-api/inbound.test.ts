import { rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import type { MessageEnd } from '../../core/messenger.ts'
import { ANNA, BEN, HIDDEN, toDelivery, toTextMessage } from '../../test-support/cloud-deliveries.ts'
import { settle } from '../../test-support/fake-clock.ts'
import { type CloudLife, useCloud } from '../../test-support/set-up-cloud.ts'
import { CLOUD_FILE } from './database.ts'
import { BROUGHT_MAX, INBOX_BOUNDS } from './inbox.ts'

const texts = (life: CloudLife) => life.received.map(({ text }) => text)
const drops = (life: CloudLife) => life.seen('cloud.dropped').map(({ why }) => why)
const contact = (wa_id: string, name: string, user_id?: string) => ({
  wa_id,
  profile: { name },
  ...(user_id === undefined ? {} : { user_id }),
})

describe('a message of a person', () => {
  it('is brought with its sender, its time and its chat, and is answered into it', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    const sentAt = cloud.clock.now() - 3_000
    const message = toTextMessage('Hello there', sentAt)
    expect(await life.deliver({ messages: [message], contacts: [contact(ANNA, 'Anna')] })).toBe(200)
    const received = await life.brought.next()
    expect(received).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      channel: 'whatsapp',
      chat: { id: ANNA, isGroup: false },
      sender: { id: ANNA, name: 'Anna' },
      text: 'Hello there',
      sentAt,
      isAddressed: true,
      quote: undefined,
    })
    expect(life.seen('cloud.received')).toEqual([
      { type: 'cloud.received', messageId: received.id, kind: 'text', chars: 11, lateMs: 3_000 },
    ])
  })

  it('is on disk before Meta hears that it was taken', async () => {
    await using cloud = await useCloud()
    const life = await cloud.open()
    await life.start()
    life.work = () => new Promise(() => undefined)
    await life.deliver({ messages: [toTextMessage('keep me', cloud.clock.now())] })
    await life.messenger.stop()
    const next = await cloud.start()
    expect(texts(next)).toEqual(['keep me'])
  })

  it('that came before is taken once: twice in a delivery, in two, and after a restart', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    const [one, two] = ['one', 'two'].map((text) => toTextMessage(text, cloud.clock.now()))
    if (!one || !two) throw new Error('no messages')
    expect(await life.deliver({ messages: [one, one] })).toBe(200)
    expect(await life.deliver({ messages: [two, one] })).toBe(200)
    expect(texts(life)).toEqual(['one', 'two'])
    await life.messenger.stop()
    const next = await cloud.start()
    expect(await next.deliver({ messages: [one, two] })).toBe(200)
    expect(texts(next)).toEqual([])
    expect([...drops(life), ...drops(next)]).toEqual(['known', 'known', 'known', 'known'])
  })

  it('is known for the week in which Meta delivers again, and its text for a day', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    const message = toTextMessage('once', cloud.clock.now())
    await life.deliver({ messages: [message] })
    await life.messenger.stop()
    cloud.clock.pass(7 * 86_400_000)
    const next = await cloud.start()
    await next.pass(30_000)
    await next.deliver({ messages: [message] })
    expect(drops(next)).toEqual(['known'])
    await next.messenger.stop()
    const database = new Database(join(cloud.folder.path, CLOUD_FILE), { readonly: true })
    expect(database.prepare('SELECT message FROM inbox').all()).toEqual([{ message: '' }])
    database.close()
  })

  it('is not taken while the disk fails, and is when Meta brings it again', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    const message = toTextMessage('hello', cloud.clock.now())
    const other = new Database(join(cloud.folder.path, CLOUD_FILE))
    other.exec('BEGIN IMMEDIATE')
    expect(await life.deliver({ messages: [message] })).toBe(503)
    expect(life.seen('cloud.storage-failed')).toEqual([{ type: 'cloud.storage-failed', code: 'SQLITE_BUSY' }])
    expect(texts(life)).toEqual([])
    other.exec('ROLLBACK')
    other.close()
    expect(await life.deliver({ messages: [message] })).toBe(200)
    expect(texts(life)).toEqual(['hello'])
  })

  it('for another number of the same account is not ours', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    const messages = [toTextMessage('hello', cloud.clock.now())]
    expect(await life.deliver({ messages, phoneNumberId: '106540352242923' })).toBe(200)
    expect([life.received, drops(life)]).toEqual([[], []])
  })

  it('of a group is not answered, since an answer would go to one of its members', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    const message = toTextMessage('hi all', cloud.clock.now(), ANNA, { group_id: 'Y2FwaV9ncm91cDox' })
    await life.deliver({ messages: [message] })
    expect([life.received, drops(life)]).toEqual([[], ['group']])
  })

  it('that cannot be read does not keep the others of its delivery from being read', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    const good = toTextMessage('good', cloud.clock.now())
    const bad = [{ ...good, id: 7 }, null, 'text', { ...good, id: 'x', timestamp: 'soon' }, { id: 'y' }]
    expect(await life.deliver({ messages: [...bad.map((each) => each as object), good], statuses: [{}] })).toBe(200)
    expect(texts(life)).toEqual(['good'])
    expect(life.seen('cloud.unreadable')).toEqual([{ type: 'cloud.unreadable', things: 6 }])
  })

  it('that is no JSON is refused, and news of something else are taken and forgotten', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    expect((await life.post('{"object":')).status).toBe(400)
    for (const body of [
      'null',
      '[]',
      '{}',
      '{"object":"page","entry":[{}]}',
      '{"object":"whatsapp_business_account"}',
    ]) {
      expect((await life.post(body)).status, body).toBe(200)
    }
    const [entry] = toDelivery({ messages: [toTextMessage('hello', cloud.clock.now())] }).entry
    const other = { ...entry, changes: entry?.changes.map((change) => ({ ...change, field: 'message_echoes' })) }
    const body = JSON.stringify({ object: 'whatsapp_business_account', entry: [null, { changes: 7 }, other] })
    expect((await life.post(body)).status).toBe(200)
    expect(life.received).toEqual([])
  })
})

describe('a message that answers another', () => {
  const quoting = (wamid: string, now: number, from = ANNA) =>
    toTextMessage('what is that?', now, from, { context: { from, id: wamid } })

  it('has what is quoted of ours, over restarts', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    await life.messenger.send({ id: ANNA, isGroup: false }, 'The answer is 42.')
    await life.until('cloud.accepted')
    await life.messenger.stop()
    const next = await cloud.start()
    const wamid = cloud.graph.taken[0]?.wamid ?? ''
    await next.deliver({ messages: [quoting(wamid, cloud.clock.now()), quoting(wamid, cloud.clock.now(), BEN)] })
    expect((await next.brought.next()).quote).toEqual({ from: 'Atlas', text: 'The answer is 42.' })
    // nobody is shown what was said to somebody else
    expect((await next.brought.next()).quote).toBeUndefined()
  })

  it('has what is quoted of its own, and no quote where nothing is known', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    const first = toTextMessage('My flight is at nine.', cloud.clock.now())
    const both = [quoting(first.id, cloud.clock.now()), quoting('wamid.unknown', cloud.clock.now())]
    await life.deliver({ messages: [first, ...both, quoting(first.id, cloud.clock.now(), BEN)] })
    expect(life.received.map(({ quote }) => quote)).toEqual([
      undefined,
      { from: undefined, text: 'My flight is at nine.' },
      undefined,
      // nobody is shown what somebody else said
      undefined,
    ])
  })
})

describe('somebody who hides the number', () => {
  const hidden = (text: string, now: number) => {
    const { from, ...message } = toTextMessage(text, now)
    return { ...message, from_user_id: HIDDEN }
  }
  const shown = (text: string, now: number) => toTextMessage(text, now, ANNA, { from_user_id: HIDDEN })

  it('is somebody of its own, and can be answered', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    const contacts = [{ profile: { name: 'Anna', username: 'anna' }, user_id: HIDDEN }]
    await life.deliver({ messages: [hidden('hello', cloud.clock.now())], contacts })
    const { chat, sender } = await life.brought.next()
    expect(sender).toEqual({ id: HIDDEN, name: 'Anna' })
    await life.messenger.send(chat, 'hello')
    await life.until('cloud.accepted')
    expect(cloud.graph.taken[0]?.to).toBe(HIDDEN)
  })

  it('is the person that it was before, over restarts', async () => {
    await using cloud = await useCloud({ admission: { allowed: new Set([ANNA]) } })
    const life = await cloud.start()
    await life.deliver({ messages: [shown('hello', cloud.clock.now())] })
    await life.messenger.stop()
    const next = await cloud.start()
    await next.deliver({ messages: [hidden('again', cloud.clock.now())] })
    expect(await next.brought.next()).toMatchObject({ sender: { id: ANNA }, chat: { id: ANNA }, text: 'again' })
  })

  it('stays blocked', async () => {
    await using cloud = await useCloud({ admission: { blocked: new Set([ANNA]) } })
    const life = await cloud.start()
    await life.deliver({ messages: [shown('hello', cloud.clock.now())] })
    await life.deliver({ messages: [hidden('again', cloud.clock.now())] })
    expect(life.received.map(({ sender }) => sender.id)).toEqual([ANNA, ANNA])
    expect(life.seen('cloud.received')).toEqual([])
  })

  it('and was never heard of is nobody on a list of numbers', async () => {
    await using cloud = await useCloud({ admission: { allowed: new Set([ANNA]) } })
    const life = await cloud.start()
    await life.deliver({ messages: [hidden('hello', cloud.clock.now())] })
    // shown so that it is refused, and not kept
    expect(life.received).toMatchObject([{ sender: { id: HIDDEN } }])
    expect(life.seen('cloud.received')).toEqual([])
  })

  it.each([
    ['nothing', {}],
    ['a number that is none', { from: '0171' }],
    ['a word', { from: 'console' }],
    ['a user id that is none', { from_user_id: '../US.1' }],
  ])('by %s is nobody', async (_what, who) => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    const { from, ...message } = toTextMessage('hello', cloud.clock.now())
    await life.deliver({ messages: [{ ...message, ...who }] })
    expect([life.received, drops(life)]).toEqual([[], ['unknown-sender']])
  })
})

describe('a stranger', () => {
  it('is shown to whoever refuses it, leaves nothing on disk, and is not told that it was read', async () => {
    await using cloud = await useCloud({ admission: { allowed: new Set([BEN]) } })
    const life = await cloud.start()
    await cloud.graph.arrivals.next()
    expect(await life.deliver({ messages: [toTextMessage('let me in', cloud.clock.now())] })).toBe(200)
    expect(texts(life)).toEqual(['let me in'])
    await life.messenger.stop()
    const database = new Database(join(cloud.folder.path, CLOUD_FILE), { readonly: true })
    const counts = ['inbox', 'person', 'outbox'].map((table) => database.prepare(`SELECT * FROM ${table}`).all())
    database.close()
    expect(counts).toEqual([[], [], []])
    expect(cloud.graph.requests).toHaveLength(1)
  })
})

describe('what was not finished', () => {
  it('is brought again after a restart, marked as resumed, unless it was answered', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    const ends = new Map<string, (end: MessageEnd) => void>()
    life.work = ({ text }) => new Promise((resolve) => ends.set(text, resolve))
    const messages = ['open', 'answered', 'finished', 'interrupted'].map((text, index) =>
      toTextMessage(text, cloud.clock.now(), `4917100000${index}`),
    )
    await life.deliver({ messages })
    const answered = life.received.find(({ text }) => text === 'answered')
    if (!answered) throw new Error('It was not brought')
    await life.messenger.send(answered.chat, 'the answer', { answers: answered.id })
    ends.get('finished')?.('finished')
    ends.get('interrupted')?.('interrupted')
    await settle()
    await life.messenger.stop()
    const next = await cloud.start()
    expect(next.received.map(({ text, isResumed }) => [text, isResumed])).toEqual([
      ['open', true],
      ['interrupted', true],
    ])
    expect(next.seen('cloud.resumed')).toEqual([{ type: 'cloud.resumed', messages: 2 }])
  })

  it('of a chat waits on disk for its turn, and is not resumed when it never had one', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    life.work = () => new Promise(() => undefined)
    await life.deliver({ messages: ['1', '2', '3', '4', '5'].map((text) => toTextMessage(text, cloud.clock.now())) })
    expect(texts(life)).toEqual(['1', '2', '3', '4'])
    await life.messenger.stop()
    const next = await cloud.start()
    await next.brought.until(({ text }) => text === '5')
    expect(next.received.map(({ isResumed }) => isResumed)).toEqual([true, true, true, true, undefined])
  })

  it('is not begun for ever: it may be what ends the agent', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    life.work = async () => 'interrupted'
    await life.deliver({ messages: [toTextMessage('poison', cloud.clock.now())] })
    await life.messenger.stop()
    for (let begun = 1; begun < BROUGHT_MAX; begun += 1) {
      const again = await cloud.open()
      again.work = async () => 'interrupted'
      await again.start()
      expect(texts(again)).toEqual(['poison'])
      await again.messenger.stop()
    }
    const last = await cloud.start()
    expect(last.received).toEqual([])
  })
})

describe('too much', () => {
  it('of one chat is left out, and told', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    life.work = () => new Promise(() => undefined)
    const max = INBOX_BOUNDS.chatUnfinishedMax
    const messages = Array.from({ length: max + 2 }, (_, index) => toTextMessage(`${index}`, cloud.clock.now()))
    expect(await life.deliver({ messages })).toBe(200)
    expect(life.seen('cloud.received')).toHaveLength(max)
    expect(drops(life)).toEqual(['chat-full', 'chat-full'])
    await life.deliver({ messages: [toTextMessage('hello', cloud.clock.now(), BEN)] })
    expect(life.seen('cloud.received')).toHaveLength(max + 1)
  })

  it('that is late is brought again by Meta, too, until the owner was told', async () => {
    await using cloud = await useCloud({ bounds: { inbox: { ...INBOX_BOUNDS, unfinishedMax: 2 } } })
    const life = await cloud.start()
    const messages = ['1', '2', '3'].map((text) => toTextMessage(text, cloud.clock.now() - 900_001))
    expect(await life.deliver({ messages })).toBe(503)
    await life.pass(5_000)
    expect(await life.deliver({ messages })).toBe(200)
    expect(drops(life)).toEqual(['late', 'late', 'known', 'known', 'late'])
  })

  it('of all together is brought again by Meta, which loses nothing', async () => {
    await using cloud = await useCloud({ bounds: { inbox: { ...INBOX_BOUNDS, unfinishedMax: 2 } } })
    const life = await cloud.start()
    const ends: (() => void)[] = []
    life.work = () => new Promise((resolve) => ends.push(() => resolve('finished')))
    const messages = ['1', '2', '3'].map((text) => toTextMessage(text, cloud.clock.now()))
    expect(await life.deliver({ messages })).toBe(503)
    expect(texts(life)).toEqual(['1', '2'])
    for (const end of ends) end()
    await settle()
    expect(await life.deliver({ messages })).toBe(200)
    expect(texts(life)).toEqual(['1', '2', '3'])
  })
})

describe('what comes too late', () => {
  const OWNER = '4915112345678'
  const late = (text: string, now: number, from = ANNA) => toTextMessage(text, now - 900_001, from)

  it('is not answered; its owner reads once who wrote', async () => {
    await using cloud = await useCloud({ admission: { admins: new Set([OWNER]) } })
    const life = await cloud.start()
    const now = cloud.clock.now()
    const message = late('secret plans', now)
    await life.deliver({ messages: [message, late('more', now), late('hello', now, BEN)] })
    await life.deliver({ messages: [message] })
    await life.pass(5_000)
    await life.until('cloud.accepted')
    expect(life.received).toEqual([])
    expect(cloud.graph.taken).toMatchObject([{ to: `+${OWNER}` }])
    expect(cloud.graph.texts[0]).toContain(`+${ANNA}: 2 messages\n- +${BEN}: 1 message`)
    expect(cloud.graph.texts[0]).not.toContain('secret')
    expect(life.seen('cloud.late')).toEqual([{ type: 'cloud.late', messages: 3, people: 2, isTold: true }])
    expect(drops(life)).toEqual(['late', 'late', 'late', 'known'])
  })

  it('because the agent was away is told after the restart', async () => {
    await using cloud = await useCloud({ admission: { admins: new Set([OWNER]) } })
    const life = await cloud.start()
    life.work = async () => 'interrupted'
    await life.deliver({ messages: [toTextMessage('hello', cloud.clock.now())] })
    await life.messenger.stop()
    cloud.clock.pass(900_001)
    const next = await cloud.start()
    await next.pass(5_000)
    await next.until('cloud.accepted')
    expect(next.received).toEqual([])
    expect(cloud.graph.texts[0]).toContain(`+${ANNA}: 1 message`)
  })
})

it('a trouble after a delivery was kept does not keep the rest of it from being brought', async () => {
  await using cloud = await useCloud()
  const life = await cloud.start()
  const observe = life.observe.bind(life)
  let fails = true
  life.observe = (event) => {
    observe(event)
    if (event.type !== 'cloud.received' || !fails) return
    fails = false
    throw new Error('The log is broken')
  }
  const messages = ['one', 'two'].map((text) => toTextMessage(text, cloud.clock.now()))
  expect(await life.deliver({ messages })).toBe(200)
  expect(texts(life)).toEqual(['two'])
  expect(life.seen('cloud.broken')).toMatchObject([{ what: 'after-delivery' }])
})

it('a store that is gone is made anew', async () => {
  await using cloud = await useCloud()
  const life = await cloud.start()
  await life.messenger.stop()
  rmSync(join(cloud.folder.path, CLOUD_FILE))
  const next = await cloud.start()
  expect(await next.deliver({ messages: [toTextMessage('hello', cloud.clock.now())] })).toBe(200)
  expect(texts(next)).toEqual(['hello'])
})
