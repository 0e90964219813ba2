import { type BinaryNode, proto } from '@whiskeysockets/baileys'
import { expect, test } from 'vitest'
import { toNode } from './nodes.ts'
import { Person } from './person.ts'
import { WhatsAppServer } from './server.ts'

const ANNA = { number: '15550000001', lid: '91', name: 'Anna' }
const BEN = { number: '15550000002', lid: '92', name: 'Ben' }

test('two people write to each other: text, acknowledgement, delivery, quote, ticks and typing', async () => {
  await using server = await WhatsAppServer.start()
  await using anna = await Person.join(server, ANNA)
  await using ben = await Person.join(server, BEN)
  const sent = await anna.say(ben, 'hello')
  const got = await ben.expectReply('hello')
  expect(got).toMatchObject({ id: sent.id, chat: '91@lid', fromAlt: '15550000001@s.whatsapp.net', type: 'notify' })
  expect(got.raw).toMatchObject({ pushName: 'Anna' })
  expect(await anna.acked(sent)).toBeUndefined()
  await anna.client.until('the delivery', () => anna.client.statuses.get(sent.id) === 3)
  await ben.read(got)
  await anna.client.until('the blue ticks', () => anna.client.statuses.get(sent.id) === 4)
  await ben.client.socket.sendPresenceUpdate('composing', got.chat)
  const typing = await server.until('the typing', () => server.seen.chatStates.all.at(-1))
  expect(typing).toEqual({ from: BEN.number, to: '91@lid', state: 'composing' })
  await ben.say(got.chat, 'hello yourself', { quote: got })
  expect(await anna.expectReply(/yourself/)).toMatchObject({ quotedId: sent.id, chat: '92@lid' })
  expect(server.seen.relayed.all.map(({ encryption }) => encryption)).toEqual([['pkmsg'], ['msg']])
  expect(server.seen.unknownQueries.all).toEqual([])
  expect([anna.phone.preKeys, ben.phone.preKeys]).toEqual([5, 4])
})

test('a hundred messages each way keep their order', async () => {
  await using server = await WhatsAppServer.start()
  await using anna = await Person.join(server, ANNA)
  await using ben = await Person.join(server, BEN)
  const texts = Array.from({ length: 100 }, (_, at) => `number ${at}`)
  for (const text of texts) {
    await anna.say(ben, text)
    await ben.say(anna, text)
  }
  await ben.expectReply('number 99')
  await anna.expectReply('number 99')
  expect(ben.messages.map(({ text }) => text)).toEqual(texts)
  expect(anna.messages.map(({ text }) => text)).toEqual(texts)
})

test('several messages are ticked off at once, and one is edited', async () => {
  await using server = await WhatsAppServer.start()
  await using anna = await Person.join(server, ANNA)
  await using ben = await Person.join(server, BEN)
  const sent = [await anna.say(ben, 'one'), await anna.say(ben, 'two')]
  const got = [await ben.expectReply('one'), await ben.expectReply('two')]
  await ben.client.socket.readMessages(got.map(({ raw }) => raw.key))
  await anna.client.until('the blue ticks', () => sent.every(({ id }) => anna.client.statuses.get(id) === 4))
  const [first] = sent
  const edits: (string | undefined)[] = []
  ben.client.socket.ws.on('CB:message', ({ attrs }: BinaryNode) => edits.push(attrs['edit']))
  await anna.send(ben, { text: 'uno', edit: { remoteJid: ben.toJid('pn'), fromMe: true, id: first?.id ?? '' } })
  const { message } = await ben.client.until('the edit', () =>
    ben.client.arrivals.find((arrival) => arrival.message.message?.protocolMessage?.editedMessage),
  )
  expect(message.message?.protocolMessage).toMatchObject({ key: { id: first?.id } })
  expect(edits).toEqual(['1'])
})

test('65 000 characters come in one message', async () => {
  await using server = await WhatsAppServer.start()
  await using anna = await Person.join(server, ANNA)
  await using ben = await Person.join(server, BEN)
  const text = 'ü'.repeat(65_000)
  await anna.say(ben, text)
  expect((await ben.expectReply()).text).toBe(text)
})

test('a chat may be addressed by number, in both directions, while another is by anonymous id', async () => {
  await using server = await WhatsAppServer.start()
  await using anna = await Person.join(server, ANNA)
  await using ben = await Person.join(server, BEN)
  await using cleo = await Person.join(server, { number: '15550000003', lid: '93' })
  server.address(anna.phone, ben.phone, 'pn')
  await anna.say(ben, 'by number')
  await cleo.say(ben, 'by id')
  const byNumber = await ben.expectReply('by number')
  expect(byNumber).toMatchObject({ chat: '15550000001@s.whatsapp.net', fromAlt: '91@lid' })
  expect(await ben.expectReply('by id')).toMatchObject({ chat: '93@lid', fromAlt: '15550000003@s.whatsapp.net' })
  await ben.say(byNumber.chat, 'back')
  expect(await anna.expectReply('back')).toMatchObject({ chat: '15550000002@s.whatsapp.net' })
})

test('somebody may hide the number: the receiver learns the anonymous id alone', async () => {
  await using server = await WhatsAppServer.start()
  await using shy = await Person.join(server, { number: '15550000004', lid: '94', isNumberHidden: true })
  await using ben = await Person.join(server, BEN)
  await shy.say(ben, 'who am I')
  const got = await ben.expectReply('who am I')
  expect(got).toMatchObject({ chat: '94@lid', fromAlt: undefined })
  expect(await ben.client.socket.signalRepository.lidMapping.getPNForLID('94@lid')).toBeNull()
  await ben.say(got.chat, 'somebody')
  await shy.expectReply('somebody')
})

test.each(['lid', 'pn'] as const)(
  'what is written to oneself comes to the other device as one’s own, by %s',
  async (by) => {
    await using server = await WhatsAppServer.start({ addressing: by })
    await using anna = await Person.join(server, ANNA)
    await using tablet = await Person.join(server, anna.phone)
    const sent = await tablet.say(anna, 'buy milk')
    const { message, type } = await anna.client.until('the note', () =>
      anna.client.arrivals.find(({ message }) => message.key.id === sent.id),
    )
    expect(type).toBe('notify')
    expect(message.key).toMatchObject({ fromMe: true, remoteJid: anna.toJid(by) })
  },
)

test('what is written to others is also seen on one’s other device', async () => {
  await using server = await WhatsAppServer.start()
  await using anna = await Person.join(server, ANNA)
  await using tablet = await Person.join(server, anna.phone)
  await using ben = await Person.join(server, BEN)
  const sent = await anna.say(ben, 'hello')
  await ben.expectReply('hello')
  const { message } = await tablet.client.until('the copy', () =>
    tablet.client.arrivals.find(({ message }) => message.key.id === sent.id),
  )
  expect(message.key).toMatchObject({ fromMe: true, remoteJid: '92@lid', remoteJidAlt: '15550000002@s.whatsapp.net' })
})

test('a lost session heals by itself: the receiver asks again, and is sent the message anew', async () => {
  await using server = await WhatsAppServer.start()
  await using anna = await Person.join(server, ANNA)
  await using ben = await Person.join(server, BEN, { retryRequestDelayMs: 1 })
  await anna.say(ben, 'before')
  await ben.say((await ben.expectReply('before')).chat, 'back')
  await anna.expectReply('back')
  await ben.leave()
  ben.client.auth.forgetSessions()
  await ben.comeBack()
  const chats: unknown[] = []
  anna.client.socket.ev.on('messages.update', (updates) => chats.push(...updates.map(({ key }) => key.remoteJid)))
  const sent = await anna.say(ben, 'after')
  await ben.expectReply('after')
  await anna.client.until('the delivery', () => anna.client.statuses.get(sent.id) === 3)
  expect(chats).toEqual([sent.chat])
  const seen = ben.client.arrivals.filter(({ message }) => message.key.id === sent.id)
  expect(seen.map(({ message }) => message.messageStubType ?? null)).toEqual([2, null])
})

test('a message may be garbled on its way: it is shown once, after it was asked for again', async () => {
  await using server = await WhatsAppServer.start()
  await using anna = await Person.join(server, ANNA)
  await using ben = await Person.join(server, BEN, { retryRequestDelayMs: 1 })
  server.faults.isGarbled = ({ encryption }) => server.seen.relayed.all.length === 0 && encryption.length > 0
  const sent = await anna.say(ben, 'noise')
  await ben.expectReply('noise')
  const seen = ben.client.arrivals.filter(({ message }) => message.key.id === sent.id)
  expect(seen.map(({ message }) => message.messageStubType ?? null)).toEqual([2, null])
})

test('a status comes as a broadcast of its author', async () => {
  await using server = await WhatsAppServer.start()
  await using anna = await Person.join(server, ANNA)
  await using ben = await Person.join(server, BEN)
  await anna.client.socket.sendMessage(
    'status@broadcast',
    { text: 'at the sea' },
    { statusJidList: [ben.toJid('pn')], broadcast: true },
  )
  expect(await ben.expectReply('at the sea')).toMatchObject({ chat: 'status@broadcast', from: '91@lid' })
})

test('a phone’s companions may be told anything, such as a post of a newsletter', async () => {
  await using server = await WhatsAppServer.start()
  await using ben = await Person.join(server, BEN)
  const post = proto.Message.encode({ conversation: 'news' }).finish()
  const attributes = { from: '120363000000000000@newsletter', id: 'POST', server_id: '1', type: 'text', t: '1' }
  ben.phone.tell(toNode('message', attributes, [toNode('plaintext', {}, post)]))
  expect(await ben.expectReply('news')).toMatchObject({ chat: '120363000000000000@newsletter' })
})
