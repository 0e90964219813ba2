import { describe, expect, test } from 'vitest'
import { startHub } from '../helpers/start-hub.ts'
import { ANSWER_MS_MAX, WhatsAppStage } from '../helpers/whatsapp-stage.ts'

const LOGGED_OUT = /^WhatsApp says that this device is no longer linked: .* start the agent again and link it anew\.$/

describe.concurrent('the owner of an agent', { timeout: 180_000 }, () => {
  test('links it by the QR on the terminal, and it is ready only while it is open', async () => {
    await using hub = await startHub()
    await using stage = await WhatsAppStage.open({ hub })
    const { phone, start, readAudit } = stage.atlas
    const agent = start()
    const qr = await agent.qr()
    await agent.logs(({ msg }) => msg === 'online at the hub', 'the hub')
    expect(await agent.look('/ready')).toMatchObject({ status: 503, body: { ready: false, link: 'online' } })
    expect((await agent.look('/health')).body).toMatchObject({ channel: { name: 'whatsapp', state: 'pairing' } })
    await phone.scan(qr)
    // the server asks for a restart, and it is another login that opens
    expect(await agent.reaches('connecting')).not.toHaveProperty('code')
    expect(await agent.reaches('connecting')).toMatchObject({ code: 515 })
    await agent.reaches('open')
    expect(await agent.look('/ready')).toMatchObject({ status: 200 })
    expect((await agent.look('/health')).body).toMatchObject({ status: 'ok', channel: { state: 'open' } })
    expect(agent.terminal).toMatch(/\nLinked\. This terminal is not needed any more\.\n$/)
    await stage.server.pause()
    await agent.reaches('waiting')
    expect(await agent.look('/ready')).toMatchObject({ status: 503, body: { link: 'online' } })
    await stage.server.resume()
    await agent.reaches('open')
    expect(await agent.look('/ready')).toMatchObject({ status: 200 })
    expect(await agent.stop()).toBe(0)
    expect(readAudit()).toContainEqual(expect.objectContaining({ type: 'login', channel: 'whatsapp', outcome: 'in' }))
  })

  test.each(['companion_reg_refresh', 'pair-device-rotate-qr'] as const)(
    'scans the QR that is drawn anew when WhatsApp has taken the secret of the first back (%s)',
    async (child) => {
      await using stage = await WhatsAppStage.open()
      const { phone, start } = stage.atlas
      const agent = start()
      const before = await agent.qr()
      stage.server.refreshRegistration(before, child)
      const after = await agent.qr(2)
      await expect(phone.scan(before)).rejects.toThrow('taken back')
      await phone.scan(after)
      await agent.reaches('open')
      expect(agent.qrCodes).toHaveLength(2)
    },
  )

  test('types a code of eight characters in its place, and needs nothing more after a restart', async () => {
    await using stage = await WhatsAppStage.open({ env: { WHATSAPP_PAIRING_NUMBER: '+1 555 000-0002' } })
    const anna = await stage.join('Anna')
    const { phone, settle, start } = stage.atlas
    const agent = start()
    const code = await agent.code()
    expect(code).toMatch(/^[1-9A-HJ-NP-TV-Z]{4}-[1-9A-HJ-NP-TV-Z]{4}$/)
    await phone.enterCode(code)
    await agent.reaches('open')
    await settle()
    expect(agent.qrCodes).toEqual([])
    expect(await agent.stop()).toBe(0)
    const again = start()
    await again.reaches('open')
    await anna.say(phone, 'Good evening to you')
    await anna.expectReply('Noted.', ANSWER_MS_MAX)
    expect(again.terminal).toBe('')
  })

  test('removes it on the phone while it is away, reads what to do, and links it anew', async () => {
    await using stage = await WhatsAppStage.open()
    const anna = await stage.join('Anna')
    const { phone, start, link, readAudit } = stage.atlas
    await using first = await link()
    expect(await first.stop()).toBe(0)
    phone.unlink()
    await using second = start()
    expect(await second.reaches('logged-out')).toMatchObject({ code: 401, level: 50 })
    const { body } = await second.look('/health')
    expect(body).toMatchObject({ channel: { state: 'logged-out', advice: expect.stringMatching(LOGGED_OUT) } })
    expect(second.qrCodes).toEqual([])
    expect(await second.stop()).toBe(0)
    expect(readAudit()).toContainEqual(expect.objectContaining({ type: 'login', channel: 'whatsapp', outcome: 'out' }))
    await using third = start()
    await phone.scan(await third.qr())
    await third.reaches('open')
    await anna.say(phone, 'Good evening again')
    await anna.expectReply('Noted.', ANSWER_MS_MAX)
  })
})
