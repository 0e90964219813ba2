import { describe, expect, it } from 'vitest'
import { ANNA, toStatus } from '../../test-support/cloud-deliveries.ts'
import { takeAndBreak } from '../../test-support/graph-server.ts'
import { type CloudLife, useCloud } from '../../test-support/set-up-cloud.ts'
import { COURIER_BOUNDS } from './courier-bounds.ts'

const { deliveriesMax, retryMsMin, retryMsMax } = COURIER_BOUNDS
type Cloud = Awaited<ReturnType<typeof useCloud>>

const send = async (cloud: Cloud, life: CloudLife, text = 'hello') => {
  await life.messenger.send({ id: ANNA, isGroup: false }, text)
  await life.until('cloud.accepted')
  const taken = cloud.graph.taken.at(-1)
  if (!taken) throw new Error('Nothing was taken')
  return taken
}
const told = (life: CloudLife) => life.seen('cloud.delivered').map(({ state }) => state)

describe('a status of a message', () => {
  it('is told once, however often and in whatever order it comes', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    const taken = await send(cloud, life)
    for (const status of ['sent', 'delivered', 'sent', 'delivered', 'read', 'delivered', 'sent', 'read']) {
      expect(await life.deliver({ statuses: [toStatus(taken, status)] })).toBe(200)
    }
    expect(told(life)).toEqual(['delivered', 'read'])
    expect(life.seen('cloud.accepted')).toHaveLength(1)
  })

  it('is known over restarts, and when Meta does not give our name back', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    const taken = await send(cloud, life)
    await life.messenger.stop()
    const next = await cloud.start()
    await next.deliver({ statuses: [toStatus({ ...taken, reference: '' }, 'read')] })
    expect(told(next)).toEqual(['read'])
    await next.deliver({ statuses: [toStatus(taken, 'read'), toStatus(taken, 'delivered')] })
    expect(told(next)).toEqual(['read'])
  })

  it('of a message of somebody else, or of a kind that is not known, changes nothing', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    const taken = await send(cloud, life)
    const foreign = { ...taken, wamid: 'wamid.other', reference: 'order-17' }
    expect(await life.deliver({ statuses: [toStatus(foreign, 'read'), toStatus(taken, 'warning')] })).toBe(200)
    expect(told(life)).toEqual([])
  })

  it('that a day has passed since the person wrote gives it up, and is told to the owner', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    const taken = await send(cloud, life)
    await life.deliver({ statuses: [toStatus(taken, 'failed', 131_047)] })
    await life.deliver({ statuses: [toStatus(taken, 'failed', 131_047)] })
    expect(life.seen('cloud.outside-window')).toHaveLength(1)
    expect(life.seen('cloud.given-up')).toMatchObject([{ why: 'outside-window' }])
    await life.pass(retryMsMax)
    expect(life.seen('cloud.sending')).toHaveLength(1)
  })

  it('that it failed for good gives it up, whatever is wrong', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    const [one, other] = [await send(cloud, life, 'one'), await send(cloud, life, 'two')]
    await life.deliver({ statuses: [toStatus(one, 'failed', 131_026)] })
    await life.deliver({ statuses: [{ ...toStatus(other, 'failed', 1), errors: undefined }] })
    expect(life.seen('cloud.refused')).toMatchObject([
      { code: 131_026, isFinal: true, sentence: expect.stringContaining('no WhatsApp') },
      { code: -1, isFinal: true },
    ])
    expect(life.seen('cloud.given-up')).toHaveLength(2)
  })

  it('that it failed for a trouble that passes sends it once more', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    const taken = await send(cloud, life)
    await life.deliver({ statuses: [toStatus(taken, 'failed', 131_048)] })
    // the same once more, when it is to be sent again already
    await life.deliver({ statuses: [toStatus(taken, 'failed', 131_048)] })
    await life.pass(retryMsMin)
    expect(await life.until('cloud.accepted')).toMatchObject({ attempt: 2 })
    expect(cloud.graph.texts).toEqual(['hello', 'hello'])
    // and again, of the attempt before
    await life.deliver({ statuses: [toStatus(taken, 'failed', 131_048)] })
    await life.pass(retryMsMax)
    expect(life.seen('cloud.sending')).toHaveLength(2)
  })

  it('that it failed again and again gives it up: each try counts against the number', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    await life.messenger.send({ id: ANNA, isGroup: false }, 'hello')
    for (let sent = 1; sent <= deliveriesMax; sent += 1) {
      await life.until('cloud.accepted')
      const taken = cloud.graph.taken.at(-1)
      if (taken) await life.deliver({ statuses: [toStatus(taken, 'failed', 131_048)] })
      await life.pass(retryMsMin)
    }
    expect(await life.until('cloud.given-up')).toMatchObject({ why: 'refused' })
    expect(cloud.graph.texts).toHaveLength(deliveriesMax)
  })

  it('that it failed comes too late for what has arrived', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    const taken = await send(cloud, life)
    await life.deliver({ statuses: [toStatus(taken, 'delivered'), toStatus(taken, 'failed', 131_026)] })
    expect(life.seen('cloud.given-up')).toEqual([])
  })

  it('that it failed settles a doubt', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    cloud.graph.fail(takeAndBreak)
    await life.messenger.send({ id: ANNA, isGroup: false }, 'hello')
    await life.until('cloud.in-doubt')
    const [taken] = cloud.graph.taken
    if (!taken) throw new Error('Nothing was taken')
    await life.deliver({ statuses: [toStatus(taken, 'failed', 131_026)] })
    expect(await life.until('cloud.given-up')).toMatchObject({ why: 'refused' })
    await life.pass(retryMsMax)
    expect(life.seen('cloud.sending')).toHaveLength(1)
  })
})
