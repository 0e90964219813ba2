import { expect, test } from 'vitest'
import { FakeClock } from '../../test-support/fake-clock.ts'
import { keptGroup } from '../../test-support/group-store-contract.ts'
import { Courier } from '../envelopes/courier.ts'
import { Delivery } from './delivery.ts'
import { MemoryGroupStore } from './memory-group-store.ts'
import { Rooms } from './rooms.ts'

const NOVA = 'nova_001'

const setUp = () => {
  const clock = new FakeClock()
  const me = { agentId: 'atlas_001', agentName: 'Atlas' }
  const sent: string[] = []
  const hub = {
    name: 'hub',
    isReachable: () => true,
    carry: async (_peer: object, text: string) => {
      sent.push(JSON.parse(text).intent)
      return 'sent' as const
    },
  }
  const courier = new Courier({ me, keyRing: null, carriers: [hub], clock, newId: () => `id-${sent.length}` })
  const rooms = new Rooms(new MemoryGroupStore())
  const room = rooms.keep(keptGroup('g1'))
  if (!room) throw new Error('There is no room')
  rooms.mark(room, NOVA, { confirmed: 1 })
  const delivery = new Delivery({ me, rooms, courier, clock, audit: () => {} })
  const say = (sequence: number) => {
    const message = { groupId: 'g1', writer: me.agentId, sequence, clock: sequence, author: 'Mia', text: 'hi' }
    rooms.add(room, { ...message, kind: 'person' })
    delivery.publish(room, { ...message, kind: 'person' })
  }
  const hear = (have: number, isMissing: boolean) =>
    delivery.receiveAck(room, NOVA, { have, isMissing, version: room.kept.charter.version })
  return { delivery, sent, say, hear }
}

test('what a member lacks is sent at once the first time that it says so, and then as patience has it', () => {
  const { sent, say, hear } = setUp()
  say(1)
  hear(0, true)
  hear(0, true)
  expect(sent).toEqual(['group-chat', 'group-chat'])
})

test('a member that says again that it lacks something, after it had everything, is brought it again', () => {
  const { delivery, sent, say, hear } = setUp()
  say(1)
  hear(0, true)
  hear(1, false)
  expect(delivery.unconfirmed).toBe(0)
  hear(0, true)
  expect(sent).toHaveLength(3)
  expect(delivery.unconfirmed).toBe(1)
})
