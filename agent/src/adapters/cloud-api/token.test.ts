import { describe, expect, it } from 'vitest'
import { ANNA, BEN, toTextMessage } from '../../test-support/cloud-deliveries.ts'
import { answerPage, GRAPH_ACCOUNT, refuseWith } from '../../test-support/graph-server.ts'
import { useCloud } from '../../test-support/set-up-cloud.ts'
import { CLOUD_BOUNDS } from './cloud-parts.ts'

const chat = { id: ANNA, isGroup: false }
const { tokenEveryMs } = CLOUD_BOUNDS

describe('an access token that Meta refuses', () => {
  it('is known at the start, and the owner learns what to do', async () => {
    await using cloud = await useCloud()
    cloud.graph.accessToken = 'another'
    const life = await cloud.start()
    expect(life.messenger.state).toBe('open')
    await life.until('cloud.state')
    expect(await life.until('cloud.state')).toEqual({
      type: 'cloud.state',
      state: 'token-refused',
      code: 190,
      sentence: expect.stringContaining('WHATSAPP_CLOUD_ACCESS_TOKEN'),
    })
    expect(life.messenger).toMatchObject({ state: 'token-refused', isOpen: false })
    expect(life.messenger.advice).toContain('system user')
  })

  it('keeps what is to be said until Meta takes it again, and asks now and then without saying anything', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    await cloud.graph.arrivals.next()
    cloud.graph.accessToken = 'another'
    await life.messenger.send(chat, 'one')
    await life.until('cloud.refused')
    expect(life.messenger.state).toBe('token-refused')
    expect(await life.messenger.send(chat, 'two')).toBe('held')
    const asked = () => cloud.graph.requests.length
    expect(asked()).toBe(2)
    await life.pass(tokenEveryMs - 1)
    expect(asked()).toBe(2)
    while (asked() < 4) await life.pass(1_000)
    expect(cloud.graph.requests.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET', 'GET'])
    cloud.graph.accessToken = GRAPH_ACCOUNT.accessToken
    while (life.messenger.state !== 'open') await life.pass(1_000)
    await life.until('cloud.accepted')
    await life.until('cloud.accepted')
    expect(cloud.graph.texts).toEqual(['one', 'two'])
    expect(life.messenger.state).toBe('open')
    expect(life.messenger.advice).toBeUndefined()
    expect(life.seen('cloud.given-up')).toEqual([])
  })

  it('keeps it over a restart with another one', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    await cloud.graph.arrivals.next()
    cloud.graph.accessToken = 'EAAnew'
    await life.messenger.send(chat, 'hello')
    await life.until('cloud.refused')
    await life.messenger.stop()
    const next = await cloud.start({ settings: { accessToken: 'EAAnew' } })
    await next.until('cloud.accepted')
    expect(cloud.graph.texts).toEqual(['hello'])
  })

  it('still lets people write', async () => {
    await using cloud = await useCloud()
    cloud.graph.accessToken = 'another'
    const life = await cloud.start()
    await life.until('cloud.state')
    await life.until('cloud.state')
    expect(await life.deliver({ messages: [toTextMessage('hello', cloud.clock.now())] })).toBe(200)
    expect(life.received).toHaveLength(1)
  })

  it.each([
    [0, 401],
    [10, 403],
    [200, 403],
    [131_005, 403],
    [1, 401],
  ])('may be one without its rights (%i, HTTP %i)', async (code, status) => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    cloud.graph.fail(refuseWith(code, status))
    await life.messenger.send(chat, 'hello')
    expect(await life.until('cloud.refused')).toMatchObject({ code, isFinal: false })
    expect(life.messenger.state).toBe('token-refused')
  })

  it('is told once, however many chats find out', async () => {
    await using cloud = await useCloud()
    const life = await cloud.start()
    await cloud.graph.arrivals.next()
    cloud.graph.accessToken = 'another'
    for (const id of [ANNA, BEN]) await life.messenger.send({ id, isGroup: false }, 'hello')
    await life.until('cloud.refused')
    await life.until('cloud.refused')
    expect(life.seen('cloud.state').map(({ state }) => state)).toEqual(['open', 'token-refused'])
  })
})

it('a trouble of Meta at the start says nothing about the token', async () => {
  await using cloud = await useCloud()
  cloud.graph.fail(answerPage(500), 'check')
  const life = await cloud.start()
  await cloud.graph.arrivals.next()
  await life.messenger.send(chat, 'hello')
  await life.until('cloud.accepted')
  expect(life.messenger.state).toBe('open')
})
