import type { PresenceFrame } from '@ai-comms/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FakeTransport } from '../../test-support/fake-transport.ts'
import { readTextFrames } from '../../test-support/read-text-frames.ts'
import { PresenceBatch } from './presence-batch.ts'

const toFrame = (number: number): PresenceFrame => ({ type: 'event', event: 'agent-left', name: `agent-${number}` })

const readNames = (member: FakeTransport): (string | undefined)[] =>
  member.written.flatMap((bytes) => readTextFrames(bytes).map((text) => JSON.parse(text).name))

/** A batch whose timer is stopped at the end, so that no test leaves one behind. */
const startBatch = () => {
  const batch = new PresenceBatch(() => 0)
  return { batch, [Symbol.dispose]: () => batch.stop() }
}

type Act = { readonly kind: 'join' | 'announce' | 'flush' | 'leave'; readonly place: number }
const anyAct: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom('join', 'announce', 'announce', 'flush', 'leave'),
  place: fc.nat(10),
})

describe('presence in batches', () => {
  test('a member sees just what was announced after it joined, up to the last flush before it left, in order', () => {
    fc.assert(
      fc.property(fc.array(anyAct, { maxLength: 60, size: 'max' }), (acts) => {
        using started = startBatch()
        const { batch } = started
        const members = new Map<FakeTransport, { readonly from: number; to: number }>()
        const here: FakeTransport[] = []
        let announced = 0
        let flushed = 0
        const flush = () => {
          batch.flush()
          flushed = announced
          for (const member of here) {
            const seen = members.get(member)
            if (seen !== undefined) seen.to = flushed
          }
        }
        for (const act of acts) {
          if (act.kind === 'join') {
            const member = new FakeTransport()
            members.set(member, { from: announced, to: announced })
            here.push(member)
            batch.join(member)
          } else if (act.kind === 'announce') {
            batch.announce(toFrame(announced++))
          } else if (act.kind === 'flush') {
            flush()
          } else {
            const [member] = here.splice(act.place % Math.max(here.length, 1), 1)
            if (member !== undefined) batch.leave(member)
          }
        }
        flush()
        for (const [member, { from, to }] of members) {
          const expected = Array.from({ length: Math.max(0, to - from) }, (_, place) => `agent-${from + place}`)
          expect(readNames(member)).toEqual(expected)
        }
      }),
      { numRuns: 200 },
    )
  })

  test('all members get the very same bytes, one write each', () => {
    using started = startBatch()
    const { batch } = started
    const members = [new FakeTransport(), new FakeTransport()]
    for (const member of members) batch.join(member)
    for (let number = 0; number < 5; number++) batch.announce(toFrame(number))
    batch.flush()
    expect(members.map(({ written }) => written.length)).toEqual([1, 1])
    expect(members[0]?.written[0]).toBe(members[1]?.written[0])
  })

  test('a flush with nothing gathered writes nothing', () => {
    using started = startBatch()
    const member = new FakeTransport()
    started.batch.join(member)
    started.batch.flush()
    expect(member.written).toEqual([])
  })

  test('a member with more than 1 MiB waiting is spared, and hears what comes later', () => {
    using started = startBatch()
    const { batch } = started
    const member = new FakeTransport()
    batch.join(member)
    member.bufferedBytes = 1_048_577
    batch.announce(toFrame(1))
    batch.flush()
    member.bufferedBytes = 1_048_576
    batch.announce(toFrame(2))
    batch.flush()
    expect(readNames(member)).toEqual(['agent-2'])
  })

  test('more than 1 MiB of events does not wait', () => {
    using started = startBatch()
    const { batch } = started
    const member = new FakeTransport()
    batch.join(member)
    const skills = Array.from({ length: 64 }, () => 'x'.repeat(64))
    const frame: PresenceFrame = { type: 'event', event: 'agent-joined', name: 'big', workspace: '', skills }
    while (member.written.length === 0) batch.announce(frame)
    const bytes = member.written[0]?.length ?? 0
    expect(bytes).toBeGreaterThan(1_048_576)
    expect(bytes).toBeLessThan(1_048_576 + 10_000)
  })

  test('what nobody flushes goes out by itself, the first event at once and its followers together', async () => {
    let now = 1_000
    const batch = new PresenceBatch(() => now)
    const member = new FakeTransport()
    const written = () => new Promise<void>((resolve) => setImmediate(resolve))
    batch.join(member)
    batch.announce(toFrame(1))
    while (member.written.length < 1) await written()
    now += 10
    batch.announce(toFrame(2))
    batch.announce(toFrame(3))
    while (member.written.length < 2) await written()
    expect(member.written.map(readTextFrames).map((texts) => texts.length)).toEqual([1, 2])
  })
})
