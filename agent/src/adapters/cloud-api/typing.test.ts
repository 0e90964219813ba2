import { describe, expect, it } from 'vitest'
import { ANNA, BEN, toTextMessage } from '../../test-support/cloud-deliveries.ts'
import { FakeClock, settle } from '../../test-support/fake-clock.ts'
import { refuseWith } from '../../test-support/graph-server.ts'
import { useCloud } from '../../test-support/set-up-cloud.ts'
import type { CloudEvent } from './events.ts'
import type { GraphOutcome } from './graph-errors.ts'
import { Typing } from './typing.ts'

const useTyping = () => {
  const clock = new FakeClock()
  const events: CloudEvent[] = []
  const shown: string[] = []
  const refusals: number[] = []
  const state = { outcome: { kind: 'answered', body: {} } as GraphOutcome, isOpen: true }
  const typing = new Typing({
    graph: {
      showTyping: async (wamid) => {
        shown.push(wamid)
        return state.outcome
      },
    },
    inbox: { findNewest: (chat) => (chat === 'quiet' ? undefined : `newest of ${chat}`) },
    isOpen: () => state.isOpen,
    onTokenRefused: (code) => refusals.push(code),
    clock,
    observe: (event) => events.push(event),
    complain: () => undefined,
  })
  return { ...{ clock, typing, events, shown, refusals, state } }
}

describe('that the agent writes', () => {
  it('is shown with the newest message of the chat, again every 20 s, until it has written', () => {
    const { clock, typing, shown } = useTyping()
    typing.show(ANNA, true)
    typing.show(ANNA, true)
    expect(shown).toEqual([`newest of ${ANNA}`])
    clock.pass(40_000)
    expect(shown).toHaveLength(3)
    typing.show(ANNA, false)
    typing.show(ANNA, false)
    clock.pass(100_000)
    expect(shown).toHaveLength(3)
    expect(clock.alarms).toBe(0)
  })

  it('is shown for a quarter of an hour at most, and in so many chats', () => {
    const { clock, typing, shown } = useTyping()
    typing.show(ANNA, true)
    clock.pass(3_600_000)
    expect(shown).toHaveLength(45)
    for (let chat = 0; chat < 40; chat += 1) typing.show(`4917100${chat}`, true)
    expect(shown).toHaveLength(45 + 32)
    typing.stop()
    expect(clock.alarms).toBe(0)
  })

  it('is not shown where nobody wrote, or while nothing may be sent', () => {
    const { typing, shown, state } = useTyping()
    typing.show('quiet', true)
    state.isOpen = false
    typing.show(ANNA, true)
    expect(shown).toEqual([])
  })

  it('is not shown again when Meta does not want it, and a refused token is noticed', async () => {
    const { clock, typing, events, refusals, state } = useTyping()
    state.outcome = { kind: 'lost', code: 'ECONNRESET' }
    typing.show(ANNA, true)
    await settle()
    expect(clock.alarms).toBe(1)
    state.outcome = { kind: 'refused', class: 'final', code: 131_009 }
    clock.pass(20_000)
    await settle()
    expect(clock.alarms).toBe(0)
    state.outcome = { kind: 'refused', class: 'token', code: 190 }
    typing.show(BEN, true)
    await settle()
    expect(refusals).toEqual([190])
    expect(events.map((event) => 'code' in event && event.code)).toEqual(['ECONNRESET', '131009', '190'])
  })
})

it('what a person wrote is marked as read when the agent begins to work, in the words of Meta', async () => {
  await using cloud = await useCloud()
  const life = await cloud.start()
  await cloud.graph.arrivals.next()
  const message = toTextMessage('hello', cloud.clock.now())
  await life.deliver({ messages: [message] })
  const { chat } = await life.brought.next()
  expect(cloud.graph.requests).toHaveLength(1)
  life.messenger.showWorking(chat, true)
  expect((await cloud.graph.arrivals.next()).body).toEqual({
    messaging_product: 'whatsapp',
    status: 'read',
    message_id: message.id,
    typing_indicator: { type: 'text' },
  })
  cloud.graph.fail(refuseWith(131_009), 'typing')
  await life.messenger.showProgress(chat, 'step 2 of 3')
  await life.pass(20_000)
  expect(await life.until('cloud.typing-failed')).toEqual({ type: 'cloud.typing-failed', code: '131009' })
  expect(cloud.graph.texts).toEqual([])
})
