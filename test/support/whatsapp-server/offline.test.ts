import { expect, test } from 'vitest'
import { Person } from './person.ts'
import { WhatsAppServer } from './server.ts'

const ANNA = { number: '15550000001' }
const BEN = { number: '15550000002' }

test('what is sent to somebody who is away waits, and comes as append, in order', async () => {
  await using server = await WhatsAppServer.start()
  await using anna = await Person.join(server, ANNA)
  await using ben = await Person.join(server, BEN)
  await ben.leave()
  for (const text of ['one', 'two', 'three']) await anna.say(ben, text)
  await server.until('three to wait', () => ben.phone.waiting === 3)
  await ben.comeBack()
  await ben.expectReply('three')
  expect(ben.messages.map(({ text, type }) => [text, type])).toEqual([
    ['one', 'append'],
    ['two', 'append'],
    ['three', 'append'],
  ])
  await server.until('nothing to wait', () => ben.phone.waiting === 0)
  await ben.say(anna, 'I am back')
  expect(await anna.expectReply()).toMatchObject({ type: 'notify' })
})

test('what was decrypted and not acknowledged comes again, and Baileys drops it', async () => {
  await using server = await WhatsAppServer.start()
  await using anna = await Person.join(server, ANNA)
  await using ben = await Person.join(server, BEN)
  server.faults.areReceiptsLost = true
  await anna.say(ben, 'once')
  await ben.expectReply('once')
  await ben.leave()
  expect(ben.phone.waiting).toBe(1)
  server.faults.areReceiptsLost = false
  await ben.comeBack()
  await server.until('the second copy to be refused', () => ben.phone.waiting === 0)
  expect(ben.client.arrivals.filter(({ message }) => !message.key.fromMe)).toHaveLength(1)
})

test('what was not acknowledged may come again over the same connection', async () => {
  await using server = await WhatsAppServer.start()
  await using anna = await Person.join(server, ANNA)
  await using ben = await Person.join(server, BEN)
  server.faults.areReceiptsLost = true
  await anna.say(ben, 'once')
  await ben.expectReply('once')
  server.faults.areReceiptsLost = false
  ben.phone.redeliver()
  await server.until('the second copy to be refused', () => ben.phone.waiting === 0)
  expect(ben.client.arrivals.filter(({ message }) => !message.key.fromMe)).toHaveLength(1)
})

test('a message that its sender writes twice under one id is shown once', async () => {
  await using server = await WhatsAppServer.start()
  await using anna = await Person.join(server, ANNA)
  await using ben = await Person.join(server, BEN)
  const sent = await anna.say(ben, 'again')
  await anna.say(ben, 'again', { id: sent.id })
  await anna.say(ben, 'done')
  await ben.expectReply('done')
  expect(ben.messages.map(({ text }) => text)).toEqual(['again', 'done'])
  expect(ben.repeated.map(({ text }) => text)).toEqual(['again'])
})

test('messages are stamped with the server’s clock', async () => {
  await using server = await WhatsAppServer.start()
  await using anna = await Person.join(server, ANNA)
  await using ben = await Person.join(server, BEN)
  server.faults.clockOffsetMs = -48 * 3_600_000
  await anna.say(ben, 'old news')
  const { raw } = await ben.expectReply('old news')
  const ageHours = (Date.now() / 1000 - Number(raw.messageTimestamp)) / 3_600
  expect(Math.round(ageHours)).toBe(48)
})

test('a second device is written to at once, by people who knew the first alone', async () => {
  await using server = await WhatsAppServer.start()
  await using anna = await Person.join(server, ANNA)
  await using ben = await Person.join(server, BEN)
  await anna.say(ben, 'first')
  await ben.expectReply('first')
  await using tablet = await Person.join(server, ben.phone)
  await anna.say(ben, 'second')
  await ben.expectReply('second')
  await tablet.expectReply('second')
})

test('a device that is linked anew is written to at once, by people who knew the one before', async () => {
  await using server = await WhatsAppServer.start()
  await using anna = await Person.join(server, ANNA)
  await using ben = await Person.join(server, BEN)
  await anna.say(ben, 'first')
  await ben.expectReply('first')
  const { phone } = ben
  anna.unlink(phone)
  await ben.client.until('the end', () => ben.client.closes.at(-1) === 401)
  await using again = await Person.join(server, phone)
  await anna.say(again, 'second')
  await again.expectReply('second')
})
