import { describe, expect, test } from 'vitest'
import { ANSWER_MS_MAX, WhatsAppStage } from '../helpers/whatsapp-stage.ts'

/** Ends after which a person must act: what the state is called, and what the owner reads. */
const STUCK = [
  [402, 'restricted', 'has restricted or banned this number'],
  [403, 'restricted', 'has restricted or banned this number'],
  [406, 'restricted', 'has restricted or banned this number'],
  [411, 'failed', 'move whatsapp.sqlite away, and link the agent anew'],
  [401, 'logged-out', 'start the agent again and link it anew'],
] as const

describe.concurrent('the connection of an agent', { timeout: 180_000 }, () => {
  test.each(STUCK)(
    'that WhatsApp ends with %i is %s until somebody does what its health says',
    async (code, state, sentence) => {
      await using stage = await WhatsAppStage.open()
      const { link, phone, start } = stage.atlas
      await using agent = await link()
      phone.end(code)
      expect(await agent.reaches(state)).toMatchObject({ code, level: 50, sentence: expect.stringContaining(sentence) })
      expect(await agent.look('/ready')).toMatchObject({ status: 503 })
      const { body } = await agent.look('/health')
      expect(body).toMatchObject({ channel: { name: 'whatsapp', state, advice: expect.stringContaining(sentence) } })
      const attempts = stage.server.seen.attempts.all.length
      expect(await agent.stop()).toBe(0)
      expect(stage.server.seen.attempts.all).toHaveLength(attempts)
      await using again = start()
      if (code === 401) await phone.scan(await again.qr())
      await again.reaches('open')
      expect(again.qrCodes).toHaveLength(code === 401 ? 1 : 0)
    },
  )

  test('that WhatsApp ends with any other code comes back by itself, and what was said meanwhile is answered', async () => {
    await using stage = await WhatsAppStage.open()
    const anna = await stage.join('Anna')
    const { link, phone } = stage.atlas
    await using agent = await link()
    for (const code of [515, 428, 408, 500, 503]) {
      phone.end(code)
      await agent.reaches(code === 515 ? 'connecting' : 'waiting', code)
      if (code === 503) await anna.say(phone, 'Are you back already?')
      await agent.reaches('open')
    }
    await anna.expectReply('Noted.', ANSWER_MS_MAX)
    phone.end(440)
    expect(await agent.reaches('waiting', 440)).toMatchObject({ waitMs: 30_000 })
    expect((await agent.look('/health')).body).toMatchObject({ ready: false, channel: { state: 'waiting' } })
    expect(await agent.stop()).toBe(0)
  })

  test('is what it was before, after a session that the other side has lost', async () => {
    await using stage = await WhatsAppStage.open()
    const anna = await stage.join('Anna')
    const { link, phone } = stage.atlas
    await using agent = await link()
    const garbled = new Set<string>()
    stage.server.faults.isGarbled = ({ from }) => garbled.size < 2 && !garbled.has(from) && garbled.add(from).has(from)
    await anna.say(phone, 'Can you read this?')
    await anna.expectReply('Noted.', ANSWER_MS_MAX)
    expect([...garbled].sort()).toEqual([phone.number, anna.number].sort())
    await agent.logs(
      ({ msg }) => msg.includes('could not be opened and was asked for again'),
      'the message that was sealed',
    )
    expect(stage.model.requests).toHaveLength(1)
  })
})

describe.concurrent('an answer', { timeout: 180_000 }, () => {
  test('that WhatsApp does not acknowledge is sent again under its id, and read once', async () => {
    await using stage = await WhatsAppStage.open()
    const anna = await stage.join('Anna')
    const { link, phone } = stage.atlas
    await using agent = await link()
    const { faults, seen } = stage.server
    const sent = () => seen.relayed.all.filter(({ from }) => from === phone.number)
    faults.acks = ({ from }) => (from === phone.number && sent().length === 0 ? 'withheld' : 'given')
    await anna.say(phone, 'Do you hear me?')
    await anna.expectReply('Noted.', ANSWER_MS_MAX)
    await agent.logs((line) => line.msg === 'WhatsApp: message accepted' && line['attempt'] === 2, 'the second attempt')
    expect(sent().map(({ verdict }) => verdict)).toEqual(['withheld', 'given'])
    expect(new Set(sent().map(({ id }) => id)).size).toBe(1)
    await stage.server.until('it to be there twice', () => anna.repeated.length === 1)
    expect(anna.messages).toHaveLength(1)
  })

  test('that WhatsApp refuses with 463 is not sent again, and those after it are', async () => {
    await using stage = await WhatsAppStage.open()
    const anna = await stage.join('Anna')
    const { link, phone } = stage.atlas
    await using agent = await link()
    const { faults, seen } = stage.server
    faults.acks = ({ from }) => (from === phone.number ? 463 : 'given')
    await anna.say(phone, 'The first question')
    expect(await agent.logs(({ msg }) => msg === 'WhatsApp: a message was given up', 'the end of it')).toMatchObject({
      why: 'refused',
    })
    faults.acks = 'given'
    await anna.say(phone, 'The second question')
    await anna.expectReply('Noted.', ANSWER_MS_MAX)
    expect(seen.relayed.all.filter(({ verdict }) => verdict === 463)).toHaveLength(1)
    expect(anna.messages).toHaveLength(1)
  })
})
