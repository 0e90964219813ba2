import { describe, expect, it } from 'vitest'
import { FakeClock, settle } from '../test-support/fake-clock.ts'
import { BRINGER_BOUNDS, Bringer, type BringerBounds } from './bringer.ts'
import type { InboundMessage } from './message.ts'
import type { MessageEnd } from './messenger.ts'

const ANNA = '491711234567'
const BEN = '15550001'

const message = (id: string, chat: string): InboundMessage => ({
  ...{ id, channel: 'whatsapp', chat: { id: chat, isGroup: false }, sender: { id: chat, name: undefined } },
  ...{ text: id, sentAt: 0, isAddressed: true, quote: undefined },
})

const useBringer = (bounds: Partial<BringerBounds> = {}) => {
  const clock = new FakeClock()
  const notes: string[] = []
  const told: string[] = []
  const faults: string[] = []
  const begun: InboundMessage[] = []
  const ends = new Map<string, PromiseWithResolvers<MessageEnd>>()
  const bringer = new Bringer({
    inbox: {
      noteBrought: (seq) => notes.push(`brought ${seq}`),
      finish: (seq) => notes.push(`finished ${seq}`),
    },
    clock,
    bounds: { ...BRINGER_BOUNDS, ...bounds },
    tell: (why, id) => told.push(`${why} ${id}`),
    complain: (what, error) => faults.push(`${what}: ${error instanceof Error ? error.message : error}`),
  })
  const receiver = {
    receiveMessage: (each: InboundMessage) => {
      begun.push(each)
      const end = Promise.withResolvers<MessageEnd>()
      ends.set(each.id, end)
      return end.promise
    },
  }
  let seq = 0
  const add = (id: string, chat: string, brought = 0) => {
    seq += 1
    bringer.add({ seq, message: message(id, chat), brought })
  }
  const end = async (id: string, how: MessageEnd | Error = 'finished') => {
    if (how instanceof Error) ends.get(id)?.reject(how)
    else ends.get(id)?.resolve(how)
    await settle()
  }
  return { ...{ clock, notes, told, faults, bringer, receiver, add, end }, ids: () => begun.map(({ id }) => id), begun }
}

describe('messages on their way to the agent', () => {
  it('wait until somebody takes them, and are noted before and after', async () => {
    const { add, bringer, receiver, notes, ids, end } = useBringer()
    add('a1', ANNA)
    expect(ids()).toEqual([])
    bringer.begin(receiver)
    expect(notes).toEqual(['brought 1'])
    await end('a1')
    expect(notes).toEqual(['brought 1', 'finished 1'])
  })

  it('come in the order of their chat, a few at a time, and chats take turns', async () => {
    const { add, bringer, receiver, ids, end } = useBringer({ chatBroughtMax: 2, broughtMax: 3 })
    bringer.begin(receiver)
    for (const id of ['a1', 'a2', 'a3', 'a4']) add(id, ANNA)
    add('b1', BEN)
    add('b2', BEN)
    expect(ids()).toEqual(['a1', 'a2', 'b1'])
    await end('a1')
    expect(ids()).toEqual(['a1', 'a2', 'b1', 'b2'])
    await end('a2')
    expect(ids().slice(4)).toEqual(['a3'])
  })

  it('are marked as resumed when they were brought before', () => {
    const { add, bringer, receiver, begun } = useBringer()
    bringer.begin(receiver)
    add('a1', ANNA)
    add('a2', ANNA, 1)
    expect(begun.map(({ isResumed }) => isResumed)).toEqual([undefined, true])
  })

  it('that were interrupted or threw are not finished, and make room', async () => {
    const { add, bringer, receiver, notes, faults, ids, end } = useBringer({ chatBroughtMax: 1 })
    bringer.begin(receiver)
    for (const id of ['a1', 'a2', 'a3']) add(id, ANNA)
    await end('a1', 'interrupted')
    await end('a2', new Error('no'))
    expect(ids()).toEqual(['a1', 'a2', 'a3'])
    expect(notes).toEqual(['brought 1', 'brought 2', 'brought 3'])
    expect(faults).toEqual(['receive: no'])
  })

  it('that take too long give their place to the next, and are finished when they end', async () => {
    const { add, bringer, receiver, clock, told, notes, ids, end } = useBringer({ chatBroughtMax: 1, workMsMax: 1_000 })
    bringer.begin(receiver)
    add('a1', ANNA)
    add('a2', ANNA)
    clock.pass(1_000)
    await settle()
    expect(told).toEqual(['overdue a1'])
    expect(ids()).toEqual(['a1', 'a2'])
    await end('a1')
    expect(notes).toContain('finished 1')
    await end('a2')
    expect(clock.alarms).toBe(0)
  })

  it('stay on disk after the end, and are not brought any more', async () => {
    const { add, bringer, receiver, ids, end, notes } = useBringer({ chatBroughtMax: 1 })
    bringer.begin(receiver)
    add('a1', ANNA)
    add('a2', ANNA)
    bringer.stop()
    await end('a1')
    add('a3', ANNA)
    expect(ids()).toEqual(['a1'])
    expect(notes).toEqual(['brought 1', 'finished 1'])
  })

  it('of strangers are shown within bounds, and nothing is noted', async () => {
    const { bringer, receiver, told, notes, ids, end, faults } = useBringer({ strangersMax: 1 })
    bringer.show(message('s0', BEN))
    bringer.begin(receiver)
    bringer.show(message('s1', BEN))
    bringer.show(message('s2', BEN))
    expect(told).toEqual(['strangers-full s2'])
    await end('s1', new Error('no'))
    bringer.show(message('s3', BEN))
    expect(ids()).toEqual(['s1', 's3'])
    expect([notes, faults]).toEqual([[], ['receive: no']])
  })
})
