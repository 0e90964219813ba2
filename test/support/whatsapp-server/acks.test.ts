import { expect, test } from 'vitest'
import { Person } from './person.ts'
import { WhatsAppServer } from './server.ts'

const ANNA = { number: '15550000001' }
const BEN = { number: '15550000002' }

test('an acknowledgement may be withheld: the message comes, and its sender does not know', async () => {
  await using server = await WhatsAppServer.start()
  await using anna = await Person.join(server, ANNA)
  await using ben = await Person.join(server, BEN)
  server.faults.acks = 'withheld'
  const sent = await anna.say(ben, 'did it come?')
  await ben.expectReply('did it come?')
  server.faults.acks = 'given'
  await anna.acked(await anna.say(ben, 'this did'))
  expect(anna.client.acks.has(sent.id)).toBe(false)
})

test('a message may be lost, and comes when it is sent again under its id', async () => {
  await using server = await WhatsAppServer.start()
  await using anna = await Person.join(server, ANNA)
  await using ben = await Person.join(server, BEN)
  server.faults.acks = ({ to }) => (server.seen.relayed.all.length === 0 && to !== '' ? 'lost' : 'given')
  const sent = await anna.say(ben, 'lost')
  await server.until('the loss', () => server.seen.relayed.all.length === 1)
  await anna.say(ben, 'lost', { id: sent.id })
  expect(await anna.acked(sent)).toBeUndefined()
  expect((await ben.expectReply('lost')).id).toBe(sent.id)
  expect(ben.repeated).toEqual([])
})

test('a message may be refused, with a code that Baileys tells only in a status', async () => {
  await using server = await WhatsAppServer.start()
  await using anna = await Person.join(server, ANNA)
  await using ben = await Person.join(server, BEN)
  server.faults.acks = ({ from }) => (from === anna.number ? 463 : 'given')
  const sent = await anna.say(ben, 'refused')
  expect(await anna.acked(sent)).toBe('463')
  await anna.client.until('the status', () => anna.client.statuses.get(sent.id) === 0)
  await ben.say(anna, 'mine is not')
  await anna.expectReply('mine is not')
  expect(ben.messages).toEqual([])
})

test('whoever writes to somebody who never wrote is refused with 463, until they do', async () => {
  await using server = await WhatsAppServer.start()
  await using anna = await Person.join(server, ANNA)
  await using ben = await Person.join(server, BEN)
  server.faults.areFirstContactsRefused = true
  expect(await anna.acked(await anna.say(ben, 'buy this'))).toBe('463')
  expect(await ben.acked(await ben.say(anna, 'what?'))).toBe('463')
  server.faults.areFirstContactsRefused = false
  await ben.say(anna, 'hello')
  await anna.expectReply('hello')
  server.faults.areFirstContactsRefused = true
  expect(await anna.acked(await anna.say(ben, 'hello yourself'))).toBeUndefined()
})

test('whoever writes too much in a time is refused with 429, others are not', async () => {
  await using server = await WhatsAppServer.start()
  await using anna = await Person.join(server, ANNA)
  await using ben = await Person.join(server, BEN)
  server.faults.flood = { messagesMax: 2, windowMs: 60_000 }
  const acks: (string | undefined)[] = []
  for (const text of ['one', 'two', 'three']) acks.push(await anna.acked(await anna.say(ben, text)))
  expect(acks).toEqual([undefined, undefined, '429'])
  expect(await ben.acked(await ben.say(anna, 'one'))).toBeUndefined()
  server.faults.clockOffsetMs += 60_001
  expect(await anna.acked(await anna.say(ben, 'four'))).toBeUndefined()
})
