import { expect, test } from 'vitest'
import { Person } from './person.ts'
import { WhatsAppServer } from './server.ts'

test('two people are linked by QR and write to each other', async () => {
  await using server = await WhatsAppServer.start()
  await using anna = await Person.join(server, { number: '15550000001', name: 'Anna' })
  await using ben = await Person.join(server, { number: '15550000002', name: 'Ben' })
  expect(anna.client.closes).toEqual([515])
  const sent = await anna.say(ben, 'hello')
  const got = await ben.expectReply('hello')
  expect(await anna.acked(sent)).toBeUndefined()
  await ben.say(got.chat, 'hello yourself', { quote: got })
  expect(await anna.expectReply(/yourself/)).toMatchObject({ quotedId: sent.id })
  expect(server.seen.unknownQueries.all).toEqual([])
})
