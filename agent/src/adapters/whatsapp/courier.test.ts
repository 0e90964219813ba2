import { describe, expect, it } from 'vitest'
import type { MessagePart } from '../../core/message-parts.ts'
import { FakeClock, settle } from '../../test-support/fake-clock.ts'
import { useFolder } from '../../test-support/folder.ts'
import { Courier, type CourierSocket } from './courier.ts'
import { COURIER_BOUNDS } from './courier-bounds.ts'
import { openWhatsAppStore } from './database.ts'
import type { WhatsAppEvent } from './events.ts'
import { Outbox } from './outbox.ts'
import { PACE_BOUNDS, type PaceBounds, Pacing } from './pacing.ts'

const ANNA = '491711234567'
const BEN = '15550001'
const AT_ONCE: PaceBounds = { ...PACE_BOUNDS, gapMsMin: 0, gapMsMax: 0, typingMsPerChar: 0, burstMax: 1_000 }

const useCourier = (pace: PaceBounds = AT_ONCE) => {
  const folder = useFolder()
  const database = openWhatsAppStore(folder.path)
  const clock = new FakeClock()
  const outbox = new Outbox(database)
  const events: WhatsAppEvent[] = []
  const faults: string[] = []
  const relayed: string[] = []
  const typed: string[] = []
  /** What a relay does instead of waiting for its acknowledgement. */
  let fail: (() => Promise<void>) | undefined
  let failCompose = false
  const courier = new Courier({
    outbox,
    pacing: new Pacing(pace, () => 0, clock.now()),
    clock,
    random: () => 0,
    observe: (event) => events.push(event),
    bounds: COURIER_BOUNDS,
    findAddress: (chat) => `${chat}@lid`,
    findQuoted: ({ answers }) => (answers === undefined ? undefined : Buffer.from(answers)),
    complain: (what) => faults.push(what),
  })
  const socket = (): CourierSocket => ({
    compose: async (_address, { draft, quoted }) => {
      if (failCompose && draft.kind === 'document') throw new Error('the media host is away')
      return Buffer.from(`${quoted === undefined ? '' : `${quoted}>`}${draft.kind}:${draft.text}`)
    },
    relay: async (address, id, content) => {
      relayed.push(`${address} ${id} ${Buffer.from(content)}`)
      return fail?.()
    },
    showTyping: async (address) => void typed.push(address),
  })
  let ids = 0
  const add = (chat: string, text: string, draft: MessagePart = { kind: 'text', text }, answers?: string) => {
    ids += 1
    outbox.add({ chat, answers, parts: [{ id: `M${ids}`, draft }] }, clock.now())
    courier.deliver()
  }
  const listIds = () => relayed.map((line) => line.split(' ')[1])
  return {
    ...{ clock, outbox, courier, events, faults, relayed, typed, socket, add, ids: listIds },
    failWith: (act: (() => Promise<void>) | undefined) => {
      fail = act
    },
    failUploads: () => {
      failCompose = true
    },
    ack: async (id: string, error?: string) => {
      courier.noteAck(id, error)
      await settle()
    },
    pass: async (ms: number) => {
      for (let left = ms; left > 0; left -= 500) {
        clock.pass(Math.min(left, 500))
        await settle()
      }
    },
    seen: (type: WhatsAppEvent['type']) => events.filter((event) => event.type === type),
    [Symbol.dispose]: () => {
      database.close()
      folder[Symbol.dispose]()
    },
  }
}

describe('a courier', () => {
  it('takes one message of a chat at a time, in order, and other chats meanwhile', async () => {
    using test = useCourier()
    test.courier.begin(test.socket())
    test.add(ANNA, 'one')
    test.add(ANNA, 'two')
    test.add(BEN, 'three')
    await settle()
    expect(test.relayed).toEqual([`${ANNA}@lid M1 text:one`, `${BEN}@lid M3 text:three`])
    test.clock.pass(70)
    await test.ack('M1')
    expect(test.ids()).toEqual(['M1', 'M3', 'M2'])
    expect(test.seen('whatsapp.accepted')).toEqual([
      { type: 'whatsapp.accepted', messageId: 'M1', attempt: 1, ackMs: 70 },
    ])
  })

  it('quotes what an answer answers to', async () => {
    using test = useCourier()
    test.courier.begin(test.socket())
    test.add(ANNA, 'yes', { kind: 'text', text: 'yes' }, 'A1-1')
    await settle()
    expect(test.relayed).toEqual([`${ANNA}@lid M1 A1-1>text:yes`])
  })

  it('writes as fast as a person, and shows that it does', async () => {
    using test = useCourier(PACE_BOUNDS)
    test.courier.begin(test.socket())
    test.add(ANNA, 'a'.repeat(50))
    await settle()
    expect([test.typed, test.relayed]).toEqual([[`${ANNA}@lid`], []])
    await test.pass(2_000)
    expect(test.relayed).toEqual([])
    await test.pass(500)
    expect(test.ids()).toEqual(['M1'])
  })

  it('types nothing that only another agent reads', async () => {
    using test = useCourier(PACE_BOUNDS)
    test.courier.begin(test.socket())
    test.add(ANNA, JSON.stringify({ protocol: 'ai-comms', payload: 'a'.repeat(2_000) }))
    await settle()
    await test.pass(1_000)
    expect([test.typed, test.ids()]).toEqual([[], ['M1']])
  })

  it('lets no more leave of all chats together than the account bears', async () => {
    using test = useCourier({ ...PACE_BOUNDS, gapMsMin: 0, gapMsMax: 0, typingMsPerChar: 0 })
    test.courier.begin(test.socket())
    for (let chat = 0; chat < 8; chat += 1) test.add(`1555000${chat}`, 'hello')
    await settle()
    expect(test.relayed).toHaveLength(5)
    await test.pass(3_000)
    expect(test.relayed).toHaveLength(6)
    await test.pass(6_000)
    expect(test.relayed).toHaveLength(8)
  })

  it('sends what is not acknowledged again under the same id, and gives it up after five times', async () => {
    using test = useCourier()
    test.courier.begin(test.socket())
    test.add(ANNA, 'one')
    test.add(ANNA, 'two')
    await settle()
    await test.pass(15_000)
    expect(test.ids()).toEqual(['M1', 'M1'])
    await test.pass(60_000)
    expect(test.ids()).toEqual(['M1', 'M1', 'M1', 'M1', 'M1', 'M2'])
    expect(test.seen('whatsapp.given-up')).toEqual([
      { type: 'whatsapp.given-up', messageId: 'M1', why: 'unacknowledged' },
    ])
  })

  it('sends what was under way again with the next connection', async () => {
    using test = useCourier()
    test.courier.begin(test.socket())
    test.add(ANNA, 'one')
    await settle()
    test.courier.pause()
    await test.pass(60_000)
    expect(test.ids()).toEqual(['M1'])
    test.courier.begin(test.socket())
    await settle()
    expect(test.relayed).toEqual([`${ANNA}@lid M1 text:one`, `${ANNA}@lid M1 text:one`])
  })

  it('does not count a lost connection as a failure, but does not send for ever', async () => {
    using test = useCourier()
    test.add(ANNA, 'one')
    for (let each = 0; each < 40; each += 1) {
      test.courier.begin(test.socket())
      await settle()
      test.courier.pause()
    }
    expect(test.ids()).toEqual(Array.from({ length: 25 }, () => 'M1'))
    expect(test.seen('whatsapp.given-up')).toHaveLength(1)
  })

  it('takes an acknowledgement that comes late for what it is', async () => {
    using test = useCourier()
    test.courier.begin(test.socket())
    test.add(ANNA, 'one')
    await settle()
    test.courier.pause()
    await test.ack('M1')
    test.courier.begin(test.socket())
    await settle()
    expect(test.ids()).toEqual(['M1'])
  })

  it.each(['463', '403'])('gives up at once what is refused with %s, and goes on with the next', async (code) => {
    using test = useCourier()
    test.courier.begin(test.socket())
    test.add(ANNA, 'one')
    test.add(ANNA, 'two')
    await settle()
    await test.ack('M1', code)
    await test.pass(600_000)
    expect(test.ids().filter((id) => id === 'M1')).toHaveLength(1)
    expect(test.ids()).toContain('M2')
    expect(test.events).toContainEqual({ type: 'whatsapp.refused', messageId: 'M1', code, isFinal: true })
  })

  it('tries again after any other refusal, a little later', async () => {
    using test = useCourier()
    test.courier.begin(test.socket())
    test.add(ANNA, 'one')
    await settle()
    await test.ack('M1', '479')
    await test.pass(1_500)
    expect(test.ids()).toEqual(['M1'])
    await test.pass(500)
    expect(test.ids()).toEqual(['M1', 'M1'])
  })

  it('lets everybody wait when WhatsApp says that it was too much', async () => {
    using test = useCourier()
    test.courier.begin(test.socket())
    test.add(ANNA, 'one')
    await settle()
    await test.ack('M1', '429')
    test.add(BEN, 'two')
    await test.pass(299_000)
    expect(test.ids()).toEqual(['M1'])
    await test.pass(2_000)
    expect(test.ids().toSorted()).toEqual(['M1', 'M1', 'M2'])
  })

  it('tries again when a message cannot be written', async () => {
    using test = useCourier()
    test.failWith(() => Promise.reject(new Error('no session')))
    test.courier.begin(test.socket())
    test.add(ANNA, 'one')
    await settle()
    expect(test.faults).toEqual(['relay'])
    test.failWith(undefined)
    await test.pass(2_000)
    await test.ack('M1')
    expect(test.seen('whatsapp.accepted')).toHaveLength(1)
  })

  it('sends a document as a text when it can be uploaded nowhere', async () => {
    using test = useCourier()
    test.failUploads()
    test.courier.begin(test.socket())
    test.add(ANNA, '', { kind: 'document', text: 'long', fileName: 'answer.md', caption: 'here' })
    await test.pass(1_200_000)
    expect(test.relayed).toEqual([`${ANNA}@lid M1 text:long`])
  })

  it('gives up what waited for a day', async () => {
    using test = useCourier()
    test.add(ANNA, 'one')
    test.clock.pass(86_400_000)
    test.courier.begin(test.socket())
    await settle()
    expect(test.relayed).toEqual([])
    expect(test.events).toEqual([{ type: 'whatsapp.given-up', messageId: 'M1', why: 'too-old' }])
  })

  it('is not misled by the end of an attempt that comes after the next one began', async () => {
    using test = useCourier()
    const { promise, reject } = Promise.withResolvers<void>()
    test.failWith(() => promise)
    test.courier.begin(test.socket())
    test.add(ANNA, 'one')
    test.add(ANNA, 'two')
    await settle()
    test.courier.pause()
    test.failWith(undefined)
    test.courier.begin(test.socket())
    await settle()
    reject(new Error('the first connection was lost'))
    await settle()
    await test.ack('M1')
    expect(test.seen('whatsapp.accepted')).toHaveLength(1)
    expect(test.ids()).toEqual(['M1', 'M1', 'M2'])
  })

  it('is idle when all is taken', async () => {
    using test = useCourier()
    test.courier.begin(test.socket())
    test.add(ANNA, 'one')
    await settle()
    let isIdle = false
    void test.courier.whenIdle().then(() => {
      isIdle = true
    })
    await settle()
    expect(isIdle).toBe(false)
    await test.ack('M1')
    expect(isIdle).toBe(true)
  })

  it('does not storm a storage that does not serve', async () => {
    using test = useCourier()
    test.courier.begin(test.socket())
    test.outbox.noteWritten = () => {
      throw new Error('the disk is full')
    }
    test.add(ANNA, 'one')
    await test.pass(10_000)
    expect(test.faults.length).toBeLessThan(10)
    expect(test.relayed).toEqual([])
  })
})
