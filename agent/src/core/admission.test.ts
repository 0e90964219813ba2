import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Admission, type AdmissionRules, STALE_MS_MAX } from './admission.ts'
import type { SeenStore } from './conversation-ports.ts'
import type { MemoryEvent } from './events.ts'
import { StorageError } from './failures.ts'
import { MemorySeenStore } from './memory-seen-store.ts'
import type { InboundMessage } from './message.ts'
import { SeenMessages } from './seen-messages.ts'

const NOW = Date.UTC(2026, 0, 31)
const ANNA = '491711234567'

const RULES: AdmissionRules = {
  allowed: new Set([ANNA]),
  blocked: new Set(['15550001']),
  admins: new Set([ANNA]),
  charsMax: 10,
  rateMax: 2,
  rateWindowMs: 60_000,
}

let count = 0
const write = (facts: { readonly from?: string; readonly in?: string } & Partial<InboundMessage> = {}) => {
  const { from = ANNA, in: group, ...rest } = facts
  const message: InboundMessage = {
    id: `m${count++}`,
    channel: 'whatsapp',
    chat: { id: group ?? from, isGroup: group !== undefined },
    sender: { id: from, name: 'Anna' },
    text: 'hello',
    sentAt: NOW,
    isAddressed: true,
    quote: undefined,
  }
  return { ...message, ...rest }
}

/** A store that tells how often it was written to, and breaks when it is told to. */
class CountingStore implements SeenStore {
  readonly kept = new MemorySeenStore()
  writes = 0
  isGone = false

  add(channel: string, messageId: string, now: number): boolean {
    if (this.isGone) throw new StorageError('SQLITE_FULL')
    this.writes += 1
    return this.kept.add(channel, messageId, now)
  }
}

const setUp = (rules: Partial<AdmissionRules> = {}) => {
  const store = new CountingStore()
  const events: MemoryEvent[] = []
  const open = () => new Admission({ ...RULES, ...rules }, new SeenMessages(store, (event) => void events.push(event)))
  const admission = open()
  const why = (facts: Parameters<typeof write>[0] = {}, now = NOW) => {
    const outcome = admission.admit(write(facts), now)
    return outcome.kind === 'admitted' ? outcome.kind : `${outcome.kind} ${outcome.why}`
  }
  return { admission, open, store, events, why }
}

describe('who may write', () => {
  it('is who is on the list, however the number is written, and nobody whose number is nearly the same', () => {
    const { why } = setUp({ rateMax: 99 })
    for (const from of [ANNA, `+${ANNA}`, '+49 171 1234567', `${ANNA}:7@s.whatsapp.net`]) {
      expect(why({ from })).toBe('admitted')
    }
    for (const from of [`${ANNA}0`, ANNA.slice(1), ANNA.slice(0, -1), `1${ANNA}`, `${ANNA}@lid`, '0171 1234567', '']) {
      expect(why({ from })).toBe('silent unknown')
    }
  })

  it('is everybody where there is no list, but not who is blocked', () => {
    const { why } = setUp({ allowed: undefined })
    expect(why({ from: '15550009' })).toBe('admitted')
    expect(why({ from: '+1 555 0001' })).toBe('silent blocked')
    expect(why({ from: '' })).toBe('silent unknown')
  })

  it('is nobody on a list that is empty, but the owner at the terminal', () => {
    const { why } = setUp({ allowed: new Set() })
    expect(why()).toBe('silent unknown')
    expect(why({ from: 'console', channel: 'console' })).toBe('admitted')
    expect(why({ from: 'console', channel: 'whatsapp' })).toBe('silent unknown')
  })

  it('is never who is blocked, though they are on the list', () => {
    const { why } = setUp({ allowed: new Set(['15550001']) })
    expect(why({ from: '15550001' })).toBe('silent blocked')
  })

  it('is in a group who has written, not the group', () => {
    const { why } = setUp({ allowed: new Set([ANNA, '120363041234567']) })
    expect(why({ in: '120363041234567' })).toBe('admitted')
    expect(why({ in: ANNA, from: '15550009' })).toBe('silent unknown')
    expect(why({ in: ANNA, from: ANNA })).toBe('silent unknown')
    expect(why({ in: '120363041234567', from: '15550001' })).toBe('silent blocked')
  })
})

describe('a message', () => {
  it('that comes again is not looked at again, not after a restart either', () => {
    const { admission, open } = setUp()
    const message = write()
    expect(admission.admit(message, NOW)).toEqual({ kind: 'admitted' })
    expect(admission.admit(message, NOW)).toEqual({ kind: 'silent', why: 'seen' })
    expect(open().admit(message, NOW)).toEqual({ kind: 'silent', why: 'seen' })
    expect(open().admit({ ...message, channel: 'console' }, NOW)).toEqual({ kind: 'admitted' })
  })

  it('is stale after a quarter of an hour; one from the future is not', () => {
    const { why } = setUp()
    expect(why({ sentAt: NOW - STALE_MS_MAX - 1 })).toBe('silent stale')
    expect(why({ sentAt: NOW - STALE_MS_MAX })).toBe('admitted')
    expect(why({ sentAt: NOW + 60_000 })).toBe('admitted')
  })

  it('that is too long is told so, counted in characters, and in vain once there are too many', () => {
    const { admission, why } = setUp()
    expect(why({ text: '🧪'.repeat(10) })).toBe('admitted')
    expect(admission.admit(write({ text: '🧪'.repeat(11) }), NOW)).toEqual({
      kind: 'notice',
      why: 'too-long',
      sentence: 'This message is too long for me: at most 10 characters, please.',
    })
    expect(why({ text: 'x'.repeat(11) })).toBe('notice rate')
    expect(why({ text: 'x'.repeat(11) })).toBe('silent too-long')
    expect(why()).toBe('silent rate')
  })

  it('beyond the limit is told so once, then nothing, until the window has passed', () => {
    const { admission, why } = setUp()
    expect([why(), why()]).toEqual(['admitted', 'admitted'])
    expect(admission.admit(write(), NOW)).toMatchObject({
      kind: 'notice',
      why: 'rate',
      sentence: expect.stringContaining('I read 2 messages in 60 seconds.'),
    })
    expect([why(), why({}, NOW + 59_999)]).toEqual(['silent rate', 'silent rate'])
    expect(why({ sentAt: NOW + 60_000 }, NOW + 60_000)).toBe('admitted')
  })

  it('is answered although the disk is full, once, and that is told once', () => {
    const { admission, events, store } = setUp()
    store.isGone = true
    const message = write()
    expect(admission.admit(message, NOW)).toEqual({ kind: 'admitted' })
    expect(admission.admit(message, NOW)).toEqual({ kind: 'silent', why: 'seen' })
    expect(admission.admit(write(), NOW)).toEqual({ kind: 'admitted' })
    expect(events).toMatchObject([{ type: 'memory.unsaved', what: 'seen', code: 'SQLITE_FULL' }])
  })
})

describe('the order of admission', () => {
  const facts = fc.record({
    from: fc.constantFrom(ANNA, '15550001', '15550009', '491711234568'),
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    ageMs: fc.constantFrom(0, STALE_MS_MAX + 1),
    chars: fc.constantFrom(1, 11),
    later: fc.constantFrom(0, 0, 1_000, 60_000),
  })

  it('is known, new, fresh, short, seldom: the first that fails is the reason, whatever else is wrong', () => {
    fc.assert(
      fc.property(fc.array(facts, { maxLength: 40 }), (all) => {
        const { admission, store } = setUp()
        const seen = new Set<string>()
        let now = NOW
        for (const { from, id, ageMs, chars, later } of all) {
          now += later
          const before = store.writes
          const outcome = admission.admit(write({ from, id, sentAt: now - ageMs, text: 'x'.repeat(chars) }), now)
          const why = outcome.kind === 'admitted' ? undefined : outcome.why
          if (from !== ANNA) {
            expect(outcome).toEqual({ kind: 'silent', why: from === '15550001' ? 'blocked' : 'unknown' })
            expect(store.writes).toBe(before)
          } else if (seen.has(id)) expect(why).toBe('seen')
          else if (ageMs > 0) expect(why).toBe('stale')
          else if (chars > 10) expect(['too-long', 'rate']).toContain(why)
          else expect([undefined, 'rate']).toContain(why)
          if (from === ANNA) seen.add(id)
        }
      }),
    )
  })

  it('lets a stranger neither write anything nor use up what others may', () => {
    const { store, why } = setUp()
    for (let each = 0; each < 100; each++) expect(why({ from: `1555${each + 1_000}` })).toBe('silent unknown')
    expect(store.writes).toBe(0)
    expect(why()).toBe('admitted')
  })
})

describe('an administrator', () => {
  it('is who is on the second list, and the owner, and nobody who is blocked', () => {
    const { admission } = setUp({ admins: new Set([ANNA, '15550001']) })
    expect(['console', ANNA, `+${ANNA}`].map((id) => admission.isAdmin(id))).toEqual([true, true, true])
    expect(['15550001', '15550009', `${ANNA}1`, '', 'Console', 'admin'].map((id) => admission.isAdmin(id))).toEqual(
      Array.from({ length: 6 }, () => false),
    )
  })
})
