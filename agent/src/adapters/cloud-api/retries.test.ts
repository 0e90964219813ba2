import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { ANNA, BEN, toStatus } from '../../test-support/cloud-deliveries.ts'
import {
  answerPage,
  breakOff,
  type GraphFault,
  keepSilent,
  refuseWith,
  takeAndBreak,
  takeAndKeepSilent,
} from '../../test-support/graph-server.ts'
import { type CloudLife, useCloud } from '../../test-support/set-up-cloud.ts'
import { CLOUD_BOUNDS } from './cloud-parts.ts'
import { COURIER_BOUNDS } from './courier-bounds.ts'

const { doubtMs, doubtsMax, retryMsMin, retryMsMax } = COURIER_BOUNDS
const toChat = (id: string) => ({ id, isGroup: false })
const send = (life: CloudLife, text: string, to = ANNA) => life.messenger.send(toChat(to), text)

describe('a message that Meta refuses', () => {
  it.each([
    [4, 400],
    [80_007, 400],
    [130_429, 429],
    [131_048, 400],
    [131_056, 400],
    [131_056, 429],
    [2, 503],
    [131_000, 500],
    [131_016, 500],
    [131_057, 400],
  ])('for a trouble that passes (%i, HTTP %i) is sent again later', async (code, status) => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    cloud.graph.fail(refuseWith(code, status))
    await send(life, 'hello')
    expect(await life.until('cloud.refused')).toMatchObject({ code, isFinal: false })
    await life.pass(retryMsMin - 1)
    expect(life.seen('cloud.sending')).toHaveLength(1)
    await life.pass(1)
    expect(await life.until('cloud.accepted')).toMatchObject({ attempt: 2 })
    expect(cloud.graph.texts).toEqual(['hello'])
  })

  it('with the word that it passes is sent again, whatever its code', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    cloud.graph.fail(refuseWith(1, 400, {}, { is_transient: true }))
    await send(life, 'hello')
    expect(await life.until('cloud.refused')).toMatchObject({ code: 1, isFinal: false })
    await life.pass(retryMsMin)
    await life.until('cloud.accepted')
  })

  it('waits as long as Meta asks for, and never longer than minutes', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    cloud.graph.fail(refuseWith(130_429, 429, { 'retry-after': '60' }))
    cloud.graph.fail(refuseWith(130_429, 429, { 'retry-after': '7200' }))
    await send(life, 'hello')
    await life.until('cloud.refused')
    await life.pass(59_999)
    expect(life.seen('cloud.sending')).toHaveLength(1)
    await life.pass(1)
    await life.until('cloud.refused')
    await life.pass(retryMsMax)
    await life.until('cloud.accepted')
  })

  it('for the limit of the account keeps everybody waiting, and for that of a chat only this chat', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    cloud.graph.fail(refuseWith(131_056))
    await send(life, 'a1')
    await life.until('cloud.refused')
    await send(life, 'b1', BEN)
    await life.until('cloud.accepted')
    expect(cloud.graph.texts).toEqual(['b1'])
    await life.pass(retryMsMin)
    await life.until('cloud.accepted')
    cloud.graph.fail(refuseWith(130_429, 429))
    await send(life, 'a2')
    await life.until('cloud.refused')
    await send(life, 'b2', BEN)
    await life.pass(retryMsMin - 1)
    expect(life.seen('cloud.sending')).toHaveLength(4)
    await life.pass(1)
    await life.until('cloud.accepted')
    await life.until('cloud.accepted')
    expect(cloud.graph.texts).toHaveLength(4)
  })

  it('waits longer each time, and is not tried for ever', async () => {
    const random = () => 0.999
    await using cloud = await useCloud({ bounds: { courier: { ...COURIER_BOUNDS, attemptsMax: 3 } }, random })
    const life = await cloud.start()
    for (let count = 0; count < 3; count += 1) cloud.graph.fail(refuseWith(131_016, 500))
    await send(life, 'hello')
    await send(life, 'the next one')
    for (const waitMs of [3_998, 5_996, 9_992]) {
      await life.until('cloud.refused')
      await life.pass(waitMs - 1)
      const sent = life.seen('cloud.sending').length
      await life.pass(1)
      expect(life.seen('cloud.sending')).toHaveLength(sent + 1)
    }
    expect(await life.until('cloud.given-up')).toMatchObject({ why: 'too-often' })
    await life.until('cloud.accepted')
    expect(cloud.graph.texts).toEqual(['the next one'])
  })

  it.each([
    [100, 400],
    [131_009, 400],
    [131_026, 400],
    [131_042, 400],
    [131_031, 403],
    [133_010, 400],
    [1, 400],
  ])('for good (%i, HTTP %i) is given up, with all that belongs to it', async (code, status) => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    cloud.graph.fail(refuseWith(code, status))
    await send(life, `${'words '.repeat(800)}\n\n${'words '.repeat(800)}`)
    expect(await life.until('cloud.refused')).toMatchObject({ code, isFinal: true })
    await life.until('cloud.given-up')
    await life.until('cloud.given-up')
    await life.pass(retryMsMax)
    expect(life.seen('cloud.sending')).toHaveLength(1)
    expect(new Set(life.seen('cloud.given-up').map(({ why }) => why))).toEqual(new Set(['refused']))
  })

  it('since the person has not written for a day is given up, and the owner learns why', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    cloud.graph.fail(refuseWith(131_047))
    await send(life, 'hello')
    const { messageId, sentence } = await life.until('cloud.outside-window')
    expect(sentence).toContain('24 hours')
    expect(await life.until('cloud.given-up')).toEqual({
      type: 'cloud.given-up',
      messageId,
      why: 'outside-window',
    })
    await life.pass(retryMsMax)
    expect(life.seen('cloud.sending')).toHaveLength(1)
  })

  it('is told with what the owner should do, where its code says that', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    cloud.graph.fail(refuseWith(131_042))
    await send(life, 'hello')
    expect((await life.until('cloud.refused')).sentence).toContain('payment')
  })
})

describe('a message that cannot reach Meta', () => {
  it('waits without counting, and is sent when Meta is there again', async () => {
    await using cloud = await useCloud()
    const { promise, resolve } = Promise.withResolvers<number>()
    const closed = createServer().listen(0, '127.0.0.1', () => {
      const address = closed.address()
      closed.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
    const port = await promise
    const life = await cloud.start({
      settings: { graphUrl: new URL(`http://127.0.0.1:${port}`) },
    })
    await send(life, 'hello')
    for (let count = 0; count < 10; count += 1) {
      expect(await life.until('cloud.unreachable')).toMatchObject({ code: 'ECONNREFUSED' })
      await life.pass(retryMsMin)
    }
    await life.until('cloud.unreachable')
    await life.messenger.stop()
    const next = await cloud.start()
    await next.pass(retryMsMin)
    // what never left was no attempt
    expect(await next.until('cloud.accepted')).toMatchObject({ attempt: 1 })
    expect(cloud.graph.texts).toEqual(['hello'])
  })

  it('for a day is given up', async () => {
    await using cloud = await useCloud()
    const life = await cloud.open()
    await send(life, 'yesterday')
    cloud.clock.pass(86_400_000)
    await send(life, 'today')
    await life.start()
    expect(await life.until('cloud.given-up')).toMatchObject({ why: 'too-old' })
    await life.until('cloud.accepted')
    expect(cloud.graph.texts).toEqual(['today'])
  })

  it('in time, since nobody answers the connection, is sent again', async () => {
    await using cloud = await useCloud({
      settings: { graphUrl: new URL('https://127.0.0.1:9') },
    })
    const life = await cloud.start()
    await send(life, 'hello')
    expect((await life.until('cloud.unreachable')).code).toMatch(/^E/)
  })
})

describe('a message of which nobody knows whether it was sent', () => {
  const faults: readonly (readonly [string, GraphFault])[] = [
    ['the line breaks', breakOff],
    ['a gateway gives up with 502', answerPage(502)],
    ['a gateway gives up with 504', answerPage(504)],
    ['somebody else answers with a page', answerPage(200)],
  ]

  it.each(faults)('because %s is sent again when no status has come for a while', async (_why, fault) => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    cloud.graph.fail(fault)
    await send(life, 'hello')
    expect(await life.until('cloud.in-doubt')).toMatchObject({ attempt: 1, waitMs: doubtMs })
    await life.pass(doubtMs - 1)
    expect(life.seen('cloud.sending')).toHaveLength(1)
    await life.pass(1)
    expect(await life.until('cloud.accepted')).toMatchObject({ attempt: 2 })
    expect(cloud.graph.texts).toEqual(['hello'])
  })

  it('because no answer comes is waited for first', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    await cloud.graph.arrivals.next()
    cloud.graph.fail(keepSilent)
    await send(life, 'hello')
    await cloud.graph.arrivals.next()
    await life.pass(CLOUD_BOUNDS.graph.answerMsMax)
    await life.until('cloud.in-doubt')
    await life.pass(doubtMs)
    await life.until('cloud.accepted')
  })

  it('is not sent again when its status says that Meta has it', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    cloud.graph.fail(takeAndBreak)
    await send(life, 'hello')
    await send(life, 'the next one')
    await life.until('cloud.in-doubt')
    const [taken] = cloud.graph.taken
    if (!taken) throw new Error('Nothing was taken')
    await life.deliver({ statuses: [toStatus(taken, 'sent')] })
    expect(await life.until('cloud.accepted')).toMatchObject({ attempt: 1 })
    await life.until('cloud.accepted')
    await life.pass(retryMsMax)
    expect(life.seen('cloud.sending')).toHaveLength(2)
    expect(cloud.graph.texts).toEqual(['hello', 'the next one'])
  })

  it('is not sent again when its status comes before the answer is given up', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    await cloud.graph.arrivals.next()
    cloud.graph.fail(takeAndKeepSilent)
    await send(life, 'hello')
    await cloud.graph.arrivals.next()
    const [taken] = cloud.graph.taken
    if (!taken) throw new Error('Nothing was taken')
    await life.deliver({ statuses: [toStatus(taken, 'delivered')] })
    await life.until('cloud.delivered')
    await life.pass(CLOUD_BOUNDS.graph.answerMsMax)
    await life.until('cloud.in-doubt')
    await life.pass(retryMsMax)
    expect(life.seen('cloud.sending')).toHaveLength(1)
  })

  it('may arrive twice, when its status is lost, too', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    cloud.graph.fail(takeAndBreak)
    await send(life, 'hello')
    await life.until('cloud.in-doubt')
    await life.pass(doubtMs)
    await life.until('cloud.accepted')
    expect(cloud.graph.texts).toEqual(['hello', 'hello'])
  })

  it('is given up after a few times, each of which waits longer', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    for (let count = 0; count < doubtsMax; count += 1) cloud.graph.fail(takeAndBreak)
    await send(life, 'hello')
    const waits: number[] = []
    for (let count = 0; count < doubtsMax; count += 1) {
      const { waitMs } = await life.until('cloud.in-doubt')
      waits.push(waitMs)
      await life.pass(waitMs)
    }
    expect(waits).toEqual([doubtMs, 2 * doubtMs, 4 * doubtMs, 8 * doubtMs])
    expect(await life.until('cloud.given-up')).toMatchObject({ why: 'in-doubt' })
    expect(cloud.graph.texts).toHaveLength(doubtsMax)
  })

  it('is as any other after a gateway said that it serves nobody', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    cloud.graph.fail(answerPage(503))
    await send(life, 'hello')
    expect(await life.until('cloud.refused')).toMatchObject({ code: 503, isFinal: false })
    await life.pass(retryMsMin)
    await life.until('cloud.accepted')
  })
})

describe('a document', () => {
  const text = 'words '.repeat(4_000)

  it('that cannot be uploaded now is tried again, and uploaded once', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    cloud.graph.fail(breakOff, 'media')
    cloud.graph.fail(refuseWith(131_056))
    await send(life, text)
    await life.until('cloud.unreachable')
    await life.pass(retryMsMin)
    await life.until('cloud.refused')
    await life.pass(retryMsMin)
    await life.until('cloud.accepted')
    expect(cloud.graph.files.size).toBe(1)
    expect(cloud.graph.texts).toEqual([text])
  })

  it('that Meta does not take is as much of its text as one message holds', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    cloud.graph.fail(refuseWith(131_053), 'media')
    await send(life, text)
    await life.until('cloud.accepted')
    expect(cloud.graph.texts[0]).toMatch(/^words .*\[… \d+ characters left out\]$/s)
  })
})
