import { describe, expect, it } from 'vitest'
import { FakeClock } from '../test-support/fake-clock.ts'
import { describeLate, type LateCount, LateNotice } from './late-notice.ts'

const useNotice = (hasOwner = true) => {
  const clock = new FakeClock()
  let late: LateCount[] = []
  const sent: string[] = []
  const told: object[] = []
  const faults: unknown[] = []
  let fails = false
  const notice = new LateNotice({
    inbox: {
      listLate: () => {
        if (fails) throw new Error('no disk')
        return late
      },
      finishLate: () => {
        late = []
      },
    },
    clock,
    quietMs: 1_000,
    sendToOwner: (text, done) => {
      if (!hasOwner) return false
      sent.push(text)
      done()
      return true
    },
    tell: (each) => told.push(each),
    complain: (_what, error) => faults.push(error),
  })
  const write = (person: string, messages = 1) => {
    late.push({ person, messages })
    notice.note()
  }
  const breakDisk = () => {
    fails = true
  }
  return { clock, notice, sent, told, faults, write, breakDisk, left: () => late }
}

describe('the owner', () => {
  it('reads once, when nothing more comes, who wrote too long ago', () => {
    const { clock, sent, told, write } = useNotice()
    write('491711234567', 2)
    clock.pass(999)
    write('US.13491208655302741918')
    clock.pass(999)
    expect(sent).toEqual([])
    clock.pass(1)
    expect(sent).toEqual([
      'While I was away, people wrote what I do not answer any more, since I saw it more than a quarter of an hour later:\n' +
        '- +491711234567: 2 messages\n- a hidden number: 1 message',
    ])
    expect(told).toEqual([{ messages: 3, people: 2, isTold: true }])
    clock.pass(10_000)
    expect(sent).toHaveLength(1)
  })

  it('who is nobody is told nothing, and nothing is kept for later', () => {
    const { clock, told, write, left } = useNotice(false)
    write('491711234567')
    clock.pass(1_000)
    expect(told).toEqual([{ messages: 1, people: 1, isTold: false }])
    expect(left()).toEqual([])
  })

  it('is not told while the disk fails, and nothing is lost or breaks', () => {
    const { clock, faults, sent, write, breakDisk, left } = useNotice()
    write('491711234567')
    breakDisk()
    clock.pass(1_000)
    expect([faults, sent, left()]).toEqual([[new Error('no disk')], [], [{ person: '491711234567', messages: 1 }]])
  })

  it('hears nothing after the end', () => {
    const { clock, notice, sent, write } = useNotice()
    write('491711234567')
    notice.stop()
    clock.pass(10_000)
    expect(sent).toEqual([])
  })

  it.each([
    [11, '- and one more person'],
    [14, '- and 4 more people'],
  ])('of %i people reads ten by number', (count, last) => {
    const people = Array.from({ length: count }, (_, index) => ({ person: `4917100${index}`, messages: 1 }))
    const lines = describeLate(people).split('\n')
    expect(lines).toHaveLength(12)
    expect(lines.at(-1)).toBe(last)
  })
})
