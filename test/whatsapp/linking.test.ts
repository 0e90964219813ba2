import { describe, expect, it } from 'vitest'
import { openDataFolder } from '../helpers/data-folder.ts'
import { makeIdentity } from '../support/whatsapp-server/identity.ts'
import { WhatsAppServer } from '../support/whatsapp-server/server.ts'
import { LinkedAgent, openStage } from './linked-agent.ts'

const NUMBER = '15550000002'

const openServer = async () => {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await WhatsAppServer.start())
  const folder = stack.use(await openDataFolder())
  const phone = server.addPhone({ number: NUMBER })
  const kept = stack.move()
  return { server, folder, phone, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

describe('an agent is linked to a phone', () => {
  it('by a QR, once: after a restart it is online without another, and answers what it missed', async () => {
    await using stage = await openStage()
    const { server, folder, anna, phone, agent } = stage
    await anna.say(phone, 'hello')
    await anna.expectReply('echo: hello')
    await agent.messenger.stop()
    await server.until('the agent to be gone', () => !phone.isOnline)
    await anna.say(phone, 'are you there?')
    await using again = await LinkedAgent.open(server, folder.path)
    await again.start()
    await anna.expectReply('echo: are you there?')
    expect([again.qrCodes.seen, again.texts]).toEqual([[], ['are you there?']])
  })

  it('by a code that is typed on the phone, and is told to nobody else', async () => {
    await using stage = await openServer()
    await using agent = await LinkedAgent.open(stage.server, stage.folder.path, { pairingNumber: NUMBER })
    await agent.start()
    const code = await agent.nextCode()
    await stage.phone.enterCode(code)
    await agent.reaches('open')
    expect(JSON.stringify(agent.events.seen)).not.toMatch(new RegExp(`${code}|${code.replace('-', '')}|${NUMBER}`))
  })

  it('by a second code when nobody typed the first, which is no logout', async () => {
    await using stage = await openServer()
    await using agent = await LinkedAgent.open(stage.server, stage.folder.path, { pairingNumber: NUMBER })
    await agent.start()
    await agent.nextCode()
    await stage.server.pause()
    await agent.reaches('waiting')
    await stage.server.resume()
    await stage.phone.enterCode(await agent.nextCode())
    await agent.reaches('open')
  })

  it('by the QR that stands after WhatsApp has retired the one before', async () => {
    await using stage = await openServer()
    await using agent = await LinkedAgent.open(stage.server, stage.folder.path)
    await agent.start()
    const before = await agent.nextQr()
    stage.server.refreshRegistration(before)
    const after = await agent.nextQr()
    await expect(stage.phone.scan(before)).rejects.toThrow('taken back')
    await stage.phone.scan(after)
    await agent.reaches('open')
  })

  it('anew when somebody has unlinked it, and not before', async () => {
    await using stage = await openStage()
    const { server, folder, anna, phone, agent } = stage
    await agent.messenger.stop()
    phone.unlink()
    await using unlinked = await LinkedAgent.open(server, folder.path)
    await unlinked.start()
    expect(await unlinked.reaches('logged-out')).toMatchObject({ code: 401, sentence: unlinked.messenger.advice })
    expect(unlinked.qrCodes.seen).toEqual([])
    await unlinked.messenger.stop()
    await using anew = await LinkedAgent.open(server, folder.path)
    await anew.link(phone)
    await anna.say(phone, 'hello again')
    await anna.expectReply('echo: hello again')
  })

  it('and never to a server that cannot prove to be WhatsApp', async () => {
    await using server = await WhatsAppServer.start({ identity: makeIdentity() })
    await using folder = await openDataFolder()
    await using agent = await LinkedAgent.open(server, folder.path)
    await agent.start()
    expect(await agent.reaches('failed')).toMatchObject({ code: 400, because: 'not-whatsapp' })
    expect(agent.qrCodes.seen).toEqual([])
  })
})
