import { describe, expect, it } from 'vitest'
import { LinkedAgent, openStage } from './linked-agent.ts'

const ANNA_CHAT = { id: '15550000001', isGroup: false }

describe('the connection of an agent', () => {
  it.each([408, 428, 500, 503, 515])('comes back by itself after %i', async (code) => {
    await using stage = await openStage()
    const { anna, phone, agent } = stage
    phone.end(code)
    await agent.tells((event) => event.type === 'whatsapp.state' && event.code === code, `the close with ${code}`)
    await agent.reaches('open')
    await anna.say(phone, 'hello')
    await anna.expectReply('echo: hello')
  })

  it.each([
    [401, 'logged-out'],
    [402, 'restricted'],
    [403, 'restricted'],
    [406, 'restricted'],
    [411, 'failed'],
  ] as const)('ends with %i: it is %s, and says what to do', async (code, state) => {
    await using stage = await openStage()
    stage.phone.end(code)
    expect(await stage.agent.reaches(state)).toMatchObject({ code, sentence: stage.agent.messenger.advice })
    expect(await stage.agent.messenger.send(ANNA_CHAT, 'hello')).toBe('failed')
  })

  it('gives way to another process that has the session', async () => {
    await using stage = await openStage()
    stage.phone.end(440)
    expect(await stage.agent.reaches('waiting')).toMatchObject({ code: 440, waitMs: 30_000 })
  })

  it('is given up and made anew when the other side says nothing any more', async () => {
    await using stage = await openStage({ bounds: { silenceMsMax: 1_000 } })
    const { anna, phone, agent } = stage
    phone.goDeaf()
    await agent.reaches('waiting')
    await agent.reaches('open')
    await anna.say(phone, 'hello')
    await anna.expectReply('echo: hello')
  })

  it('speaks a newer version as soon as its own is refused', async () => {
    await using stage = await openStage()
    const { server, folder, phone, agent } = stage
    server.faults.oldestRevision = 1_099_999_999
    phone.cut()
    await agent.tells((event) => event.type === 'whatsapp.state' && event.code === 405, 'the refusal')
    await agent.reaches('open')
    await agent.messenger.stop()
    await using configured = await LinkedAgent.open(server, folder.path, { version: [2, 3_000, 1] })
    await configured.start()
    await configured.reaches('open')
    const sources = configured.events.seen.flatMap((event) => (event.type === 'whatsapp.version' ? event.source : []))
    expect(sources).toEqual(['configured', 'web'])
  })

  it('keeps what is said during an outage, and sends it after', async () => {
    await using stage = await openStage()
    const { server, anna, agent } = stage
    await server.pause()
    await agent.reaches('waiting')
    expect(await agent.messenger.send(ANNA_CHAT, 'by the way')).toBe('held')
    await server.resume()
    await anna.comeBack()
    await anna.expectReply('by the way', 15_000)
  })
})

describe('a message of an agent', () => {
  const isFrom = (number: string, times: number) => {
    let left = times
    return ({ from }: { readonly from: string }) => from === number && left-- > 0
  }

  it('is sent again under its id until WhatsApp says that it has it', async () => {
    await using stage = await openStage({ bounds: { ackMsMax: 300 } })
    const { server, anna, phone, agent } = stage
    const isWithheld = isFrom(phone.number, 2)
    server.faults.acks = (message) => (isWithheld(message) ? 'withheld' : 'given')
    await anna.say(phone, 'one')
    await anna.expectReply('echo: one')
    expect(await agent.tells(({ type }) => type === 'whatsapp.accepted', 'the acknowledgement')).toMatchObject({
      attempt: 3,
    })
    expect(anna.messages).toHaveLength(1)
  })

  it('arrives although the first copy was lost', async () => {
    await using stage = await openStage({ bounds: { ackMsMax: 300 } })
    const { server, anna, phone } = stage
    const isLost = isFrom(phone.number, 1)
    server.faults.acks = (message) => (isLost(message) ? 'lost' : 'given')
    await anna.say(phone, 'one')
    await anna.expectReply('echo: one')
  })

  it('is given up at once when the account is restricted', async () => {
    await using stage = await openStage()
    const { server, anna, phone, agent } = stage
    server.faults.acks = ({ from }) => (from === phone.number ? 463 : 'given')
    await anna.say(phone, 'one')
    await agent.tells(({ type }) => type === 'whatsapp.given-up', 'the end of it')
    server.faults.acks = 'given'
    await anna.say(phone, 'two')
    await anna.expectReply('echo: two')
    expect(server.seen.relayed.all.filter(({ verdict }) => verdict === 463)).toHaveLength(1)
    expect(anna.messages.map(({ text }) => text)).toEqual(['echo: two'])
  })
})
