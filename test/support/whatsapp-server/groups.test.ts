import { expect, test } from 'vitest'
import { Person } from './person.ts'
import { WhatsAppServer } from './server.ts'

const people = [
  { number: '15550000001', lid: '91', name: 'Anna' },
  { number: '15550000002', lid: '92', name: 'Ben' },
  { number: '15550000003', lid: '93', name: 'Cleo' },
] as const

test.each(['lid', 'pn'] as const)(
  'members of a group addressed by %s read what one of them writes',
  async (addressing) => {
    await using server = await WhatsAppServer.start({ addressing })
    await using anna = await Person.join(server, people[0])
    await using ben = await Person.join(server, people[1])
    await using cleo = await Person.join(server, people[2])
    const group = await anna.createGroup('team', [ben, cleo])
    await anna.say(group, 'hello all', { mention: [ben] })
    const got = await ben.expectReply(/hello all/)
    expect(got).toMatchObject({
      chat: group,
      from: anna.toJid(addressing),
      mentions: ['92@lid'],
      text: '@92 hello all',
    })
    expect(got.fromAlt).toBe(anna.toJid(addressing === 'lid' ? 'pn' : 'lid'))
    await cleo.expectReply(/hello all/)
    await ben.say(group, 'hello Anna', { quote: got })
    expect(await anna.expectReply('hello Anna')).toMatchObject({ quotedId: got.id })
    await cleo.expectReply('hello Anna')
    await anna.say(group, 'with the key that they have')
    await ben.expectReply(/that they have/)
    expect(server.seen.relayed.all.at(-1)?.encryption).toEqual(['skmsg', 'skmsg'])
    expect(server.seen.unknownQueries.all).toEqual([])
  },
)

test('whoever is away gets what a group wrote, and whoever lost its session asks for it again', async () => {
  await using server = await WhatsAppServer.start()
  await using anna = await Person.join(server, people[0])
  await using ben = await Person.join(server, people[1], { retryRequestDelayMs: 1 })
  await using cleo = await Person.join(server, people[2])
  const group = await anna.createGroup('team', [ben, cleo])
  await anna.say(group, 'one')
  await ben.expectReply('one')
  await ben.leave()
  await anna.say(group, 'two')
  await server.until('it to wait', () => ben.phone.waiting === 1)
  await ben.comeBack()
  expect(await ben.expectReply('two')).toMatchObject({ type: 'append' })
  await ben.leave()
  ben.client.auth.forgetSenderKeys()
  await ben.comeBack()
  await anna.say(group, 'three')
  await ben.expectReply('three')
  await anna.say(group, 'four')
  await cleo.expectReply('four')
  expect(cleo.messages.map(({ text }) => text)).toEqual(['one', 'two', 'three', 'four'])
  expect(cleo.repeated).toEqual([])
  expect(cleo.client.arrivals.filter(({ message }) => message.messageStubType === 2)).toEqual([])
})

test('a group is for its members: others may neither write nor look, and members come and go', async () => {
  await using server = await WhatsAppServer.start()
  await using anna = await Person.join(server, people[0])
  await using ben = await Person.join(server, people[1])
  await using cleo = await Person.join(server, people[2])
  const group = await anna.createGroup('pair', [ben])
  await expect(cleo.client.socket.groupMetadata(group)).rejects.toThrow('forbidden')
  await expect(cleo.client.socket.groupMetadata('1@g.us')).rejects.toThrow('item-not-found')
  await anna.client.socket.groupParticipantsUpdate(group, [cleo.toJid('lid')], 'add')
  expect((await cleo.client.socket.groupMetadata(group)).participants).toHaveLength(3)
  expect(Object.keys(await cleo.client.socket.groupFetchAllParticipating())).toEqual([group])
  await anna.say(group, 'now three')
  await cleo.expectReply('now three')
  const metadata = await ben.client.socket.groupMetadata(group)
  await ben.client.socket.groupLeave(group)
  await ben.leave()
  ben.client.config.cachedGroupMetadata = async () => metadata
  await ben.comeBack()
  expect(await ben.acked(await ben.say(group, 'I left, and write'))).toBe('403')
  await anna.client.socket.groupParticipantsUpdate(group, [cleo.toJid('lid')], 'remove')
  expect((await anna.client.socket.groupMetadata(group)).participants).toHaveLength(1)
  expect(Object.keys(await cleo.client.socket.groupFetchAllParticipating())).toEqual([])
})
