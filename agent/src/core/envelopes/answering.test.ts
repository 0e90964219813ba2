import { describe, expect, it } from 'vitest'
import { FakeClock, settle } from '../../test-support/fake-clock.ts'
import { ANSWERING_MAX, ANSWERING_MS_MAX, Answering } from './answering.ts'
import type { AnswerPeer, PeerAudit, PeerQuestion } from './ports.ts'

const QUESTION: PeerQuestion = {
  ...{ peer: undefined, isProven: false, intent: 'chat', text: 'Well?', conversationId: 'c', hops: 0 },
}

const setUp = (answerPeer: AnswerPeer) => {
  const audits: PeerAudit[] = []
  const clock = new FakeClock()
  const answering = new Answering({ answerPeer, clock, audit: (entry) => audits.push(entry) })
  return { clock, audits, answering, ask: () => answering.answer('nova_001', QUESTION, 4) }
}

describe('answering', () => {
  it('gives an answer that can be sent, cut where it is too long', async () => {
    const texts = ['fits', 'too long', 'a\uD800', ' ', undefined]
    const { ask, clock } = setUp(async () => texts.shift())
    expect(await ask()).toEqual({ status: 'answered', text: 'fits' })
    expect(await ask()).toEqual({ status: 'answered', text: 'too \n[… 4 characters left out]' })
    expect(await ask()).toEqual({ status: 'answered', text: 'a\uFFFD' })
    expect(await ask()).toEqual({ status: 'silent' })
    expect(await ask()).toEqual({ status: 'silent' })
    expect(clock.alarms).toBe(0)
  })

  it('tells the audit log, and nobody else, why an answer could not be made', async () => {
    const err = new Error('the key sk-123 is wrong')
    const { ask, audits } = setUp(() => Promise.reject(err))
    expect(await ask()).toEqual({ status: 'broken' })
    expect(audits).toEqual([{ type: 'peer.broken', agentId: 'nova_001', err }])
  })

  it('makes so many at once and refuses one more, until one is made', async () => {
    const waiting: ((text: string) => void)[] = []
    const { ask, audits } = setUp(() => new Promise((resolve) => waiting.push(resolve)))
    const asked = Array.from({ length: ANSWERING_MAX }, ask)
    expect(await ask()).toEqual({ status: 'busy' })
    expect(audits).toEqual([{ type: 'peer.ended', agentId: 'nova_001', why: 'busy' }])
    waiting[3]?.('made')
    expect(await asked[3]).toEqual({ status: 'answered', text: 'made' })
    void ask()
    expect(waiting).toHaveLength(ANSWERING_MAX + 1)
  })

  it('gives the places of those that hang to others after an hour', async () => {
    const { ask, clock, audits } = setUp(() => new Promise(() => {}))
    const asked = Array.from({ length: ANSWERING_MAX }, ask)
    clock.pass(ANSWERING_MS_MAX)
    expect(await Promise.all(asked)).toEqual(Array(ANSWERING_MAX).fill({ status: 'broken' }))
    expect(audits).toHaveLength(ANSWERING_MAX)
    void ask()
    await settle()
    expect(audits).toHaveLength(ANSWERING_MAX)
    expect(clock.alarms).toBe(1)
  })

  it('waits for nothing any more once it is stopped', async () => {
    const { ask, answering, clock } = setUp(() => new Promise(() => {}))
    const asked = ask()
    answering.stop()
    expect(await asked).toEqual({ status: 'silent' })
    expect(clock.alarms).toBe(0)
  })
})
