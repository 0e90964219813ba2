import { describe, expect, it } from 'vitest'
import { ANNA, BEN, HIDDEN, toTextMessage } from '../../test-support/cloud-deliveries.ts'
import { settle } from '../../test-support/fake-clock.ts'
import { GRAPH_ACCOUNT, keepSilent, refuseWith } from '../../test-support/graph-server.ts'
import { type CloudLife, useCloud } from '../../test-support/set-up-cloud.ts'
import { COURIER_BOUNDS } from './courier-bounds.ts'

const toChat = (id: string) => ({ id, isGroup: false })
const long = (paragraphs: number) =>
  Array.from({ length: paragraphs }, (_, index) => `${index}: ${'words '.repeat(300).trim()}`).join('\n\n')

/** Sends a text and waits until Meta has it. */
const say = async (life: CloudLife, text: string, to = ANNA) => {
  expect(await life.messenger.send(toChat(to), text)).toBe('sent')
  return life.until('cloud.accepted')
}

describe('a text', () => {
  it('goes to the number with its plus, as Meta wants it, under the token', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    await cloud.graph.arrivals.next()
    const { messageId } = await say(life, 'Hello *Anna*')
    const [, request] = cloud.graph.requests
    expect(request?.path).toBe(`/v26.0/${GRAPH_ACCOUNT.phoneNumberId}/messages`)
    expect(request?.headers.authorization).toBe(`Bearer ${GRAPH_ACCOUNT.accessToken}`)
    expect(request?.body).toEqual({
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: `+${ANNA}`,
      type: 'text',
      text: { preview_url: false, body: 'Hello *Anna*' },
      biz_opaque_callback_data: `${messageId}.1`,
    })
  })

  it('goes by user id to somebody who hides the number', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    await say(life, 'hello', HIDDEN)
    expect(cloud.graph.requests.at(-1)?.body).toMatchObject({ recipient: HIDDEN })
    expect(cloud.graph.requests.at(-1)?.body).not.toHaveProperty('to')
  })

  it('with half a character in it arrives as text all the same', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    await say(life, 'a\ud83d b')
    expect(cloud.graph.texts).toEqual(['a\ufffd b'])
  })

  it('of up to three messages is parted at 4 096 characters', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    await life.messenger.send(toChat(ANNA), long(6))
    for (let part = 0; part < 3; part += 1) await life.until('cloud.accepted')
    expect(cloud.graph.texts.map((text) => text.length <= 4_096)).toEqual([true, true, true])
    expect(cloud.graph.texts.join('\n\n')).toBe(long(6))
  })

  it('beyond that is uploaded and sent as a document, which begins in its caption', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    await life.messenger.send(toChat(ANNA), long(10))
    await life.until('cloud.accepted')
    expect([...cloud.graph.files.values()]).toEqual([{ text: long(10), name: 'answer.txt', type: 'text/plain' }])
    const [[id] = ['']] = [...cloud.graph.files]
    expect(cloud.graph.requests.at(-1)?.body).toMatchObject({
      type: 'document',
      document: { id, filename: 'answer.txt', caption: expect.stringMatching(/^0: words .* in the file\.$/s) },
    })
  })

  it('for a program is one message as it is, or fails', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    const { messenger } = life
    const fits = ` ${'x'.repeat(4_095)}`
    expect(await messenger.send(toChat(ANNA), fits, { isForMachines: true })).toBe('sent')
    await life.until('cloud.accepted')
    expect(cloud.graph.texts).toEqual([fits])
    expect(await messenger.send(toChat(ANNA), `${fits}x`, { isForMachines: true })).toBe('failed')
  })

  it.each([
    ['nobody', 'console', 'hello'],
    ['a group', '1203630@g.us', 'hello'],
    ['a hidden WhatsApp address', '1234567890123@lid', 'hello'],
    ['anybody with nothing in it', ANNA, ' \n'],
  ])('to %s fails and reaches nobody', async (_who, id, text) => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    expect(await life.messenger.send(toChat(id), text)).toBe('failed')
    await cloud.graph.arrivals.next()
    expect(cloud.graph.requests).toHaveLength(1)
  })

  it('is held before the start and sent after it, and fails after the end', async () => {
    await using cloud = await useCloud()
    const life = await cloud.open()
    expect(await life.messenger.send(toChat(ANNA), 'early')).toBe('held')
    expect(life.messenger.state).toBe('closed')
    await life.start()
    await life.until('cloud.accepted')
    expect(cloud.graph.texts).toEqual(['early'])
    await life.messenger.stop()
    expect(await life.messenger.send(toChat(ANNA), 'late')).toBe('failed')
    expect(life.messenger.state).toBe('closed')
  })

  it('quotes what it answers when the person has gone on meanwhile, and not otherwise', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    const [first, second] = ['one', 'two'].map((text) => toTextMessage(text, cloud.clock.now()))
    if (!first || !second) throw new Error('no messages')
    await life.deliver({ messages: [first] })
    await life.deliver({ messages: [second] })
    const [one, two] = [await life.brought.next(), await life.brought.next()]
    for (const { id, chat, text } of [one, two]) {
      await life.messenger.send(chat, `re: ${text}`, { answers: id })
      await life.until('cloud.accepted')
    }
    const contexts = cloud.graph.requests.flatMap(({ body }) => (body['type'] === 'text' ? [body['context']] : []))
    expect(contexts).toEqual([{ message_id: first.id }, undefined])
  })
})

describe('several texts', () => {
  it('are in a chat sent in order, one at a time, and in others meanwhile', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    const answers: (() => void)[] = []
    cloud.graph.fail((_request, response, take) => {
      answers.push(() => response.writeHead(200).end(JSON.stringify(take())))
    })
    await life.messenger.send(toChat(ANNA), 'a1')
    await life.messenger.send(toChat(ANNA), 'a2')
    await cloud.graph.arrivals.until(({ body }) => body['type'] === 'text')
    await life.messenger.send(toChat(BEN), 'b1')
    await life.until('cloud.accepted')
    expect(cloud.graph.texts).toEqual(['b1'])
    for (const answer of answers) answer()
    await life.until('cloud.accepted')
    await life.until('cloud.accepted')
    expect(cloud.graph.texts).toEqual(['b1', 'a1', 'a2'])
  })

  it('reach many chats, so many at the same time', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    const people = Array.from({ length: 40 }, (_, index) => `4917100000${10 + index}`)
    for (const each of people) await life.messenger.send(toChat(each), `to ${each}`)
    expect(life.seen('cloud.sending')).toHaveLength(COURIER_BOUNDS.chatsMax)
    for (let count = 0; count < people.length; count += 1) {
      await life.until('cloud.accepted')
      await life.pass(0)
    }
    expect(new Set(cloud.graph.texts).size).toBe(40)
  })

  it('wait on disk, and those that find no room fail and are told', async () => {
    await using cloud = await useCloud()
    const life = await cloud.open()
    const outcomes = new Set<string>()
    for (let count = 0; count < 201; count += 1) outcomes.add(await life.messenger.send(toChat(ANNA), `${count}`))
    expect([...outcomes]).toEqual(['held', 'failed'])
    expect(life.seen('cloud.outbox-full')).toEqual([{ type: 'cloud.outbox-full', parts: 1 }])
    expect(await life.messenger.send(toChat(BEN), 'another chat')).toBe('held')
  })
})

describe('the end', () => {
  it('lets what is under way arrive, and keeps the rest for the next start', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    await cloud.graph.arrivals.next()
    cloud.graph.fail(keepSilent)
    await life.messenger.send(toChat(ANNA), 'one')
    await life.messenger.send(toChat(ANNA), 'two')
    await cloud.graph.arrivals.next()
    const stopped = life.messenger.stop()
    await settle()
    await life.pass(5_000)
    await stopped
    // nothing goes on behind the end
    expect(life.events.slice(-2).map(({ type }) => type)).toEqual(['cloud.in-doubt', 'cloud.state'])
    cloud.clock.pass(3_600_000)
    const next = await cloud.start()
    // nobody knows of the first, and no status could tell of it meanwhile
    await next.pass(COURIER_BOUNDS.doubtMs - 1)
    expect(next.seen('cloud.sending')).toEqual([])
    await next.pass(1)
    await next.until('cloud.accepted')
    await next.until('cloud.accepted')
    expect(cloud.graph.texts).toEqual(['one', 'two'])
  })

  it('is not held up by a token that is refused just then', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    await cloud.graph.arrivals.next()
    cloud.graph.accessToken = 'another'
    await life.messenger.send(toChat(ANNA), 'one')
    await life.messenger.stop()
    expect(life.seen('cloud.refused')).toHaveLength(1)
  })

  it('comes once, also without a beginning', async () => {
    await using cloud = await useCloud()
    const life = await cloud.open()
    await life.messenger.stop()
    await life.messenger.stop()
    expect(life.seen('cloud.state')).toEqual([{ type: 'cloud.state', state: 'closed' }])
  })
})

it('a person can be written to by number, or by the id that hides it', async () => {
  await using cloud = await useCloud()
  const { messenger } = await cloud.open()
  expect(messenger.name).toBe('whatsapp')
  expect(messenger.findChat(ANNA)).toEqual(toChat(ANNA))
  expect(messenger.findChat(HIDDEN)).toEqual(toChat(HIDDEN))
  for (const id of ['console', '', '+49171', '0171123456', '123@lid', '1203630@g.us', 'us.123', '1'.repeat(16)]) {
    expect(messenger.findChat(id), id).toBeUndefined()
  }
})

it('a refusal of one message leaves those of others alone', async () => {
  await using cloud = await useCloud()
  const life = await cloud.start()
  cloud.graph.fail(refuseWith(131_026))
  await life.messenger.send(toChat(ANNA), 'one')
  await life.until('cloud.given-up')
  await say(life, 'two')
  await say(life, 'three', BEN)
  expect(cloud.graph.texts).toEqual(['two', 'three'])
})
