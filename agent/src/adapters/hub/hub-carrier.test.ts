import { describe, expect, it } from 'vitest'
import { startScriptedHub } from '../../test-support/scripted-hub.ts'
import { systemClock } from '../system/clock.ts'
import { HubCarrier } from './hub-carrier.ts'
import { HubLink } from './hub-link.ts'

const receiver = { performTask: () => {}, cancelTask: () => {} }

const open = async () => {
  const hub = await startScriptedHub()
  const heard: unknown[] = []
  const link = new HubLink({
    url: new URL(hub.url.replace(/^http/, 'ws')),
    registration: { type: 'register', name: 'Atlas' },
    clock: systemClock,
    observe: () => {},
  })
  const online = new Promise<void>((resolve) => link.onOnline(resolve))
  link.start(receiver, {
    receiveAgentMessage: (from, text) => heard.push({ from, text }),
    receivePresence: (presence) => heard.push(presence),
  })
  return {
    ...{ hub, link, heard, online },
    [Symbol.asyncDispose]: async () => {
      await link.stop()
      await hub[Symbol.asyncDispose]()
    },
  }
}

describe('the hub as a carrier', () => {
  it('writes to the name of a peer that is there, and says when it cannot', async () => {
    await using opened = await open()
    const carrier = new HubCarrier(opened.link, () => 'present')
    expect(carrier.isReachable({ agentName: 'Nova' })).toBe(false)
    expect(await carrier.carry({ agentName: 'Nova' }, 'hi')).toBe('failed')
    const side = await opened.hub.online({ limits: { maxPayload: 1_000, maxInFlight: 1 } })
    await opened.online
    expect(carrier.isReachable({ agentName: 'Nova' })).toBe(true)
    expect(await carrier.carry({ agentName: 'Nova' }, 'hi')).toBe('sent')
    expect(await side.until('agent-message')).toMatchObject({ target: 'Nova', message: 'hi' })
    expect(await carrier.carry({ agentName: 'Nova' }, 'x'.repeat(2_000))).toBe('failed')
  })

  it('tries one that the hub has not spoken of only when nothing else leads to it', async () => {
    await using opened = await open()
    await opened.hub.online()
    await opened.online
    const chats = { whatsapp: '44' }
    const reach = (presence: 'present' | 'left' | 'unknown') => {
      const carrier = new HubCarrier(opened.link, () => presence)
      return [carrier.isReachable({ agentName: 'Nova' }), carrier.isReachable({ agentName: 'Nova', chats })]
    }
    expect([reach('present'), reach('unknown'), reach('left')]).toEqual([
      [true, true],
      [true, false],
      [false, false],
    ])
  })

  it('brings what others say, and who comes and goes', async () => {
    await using opened = await open()
    const side = await opened.hub.online()
    side.send({ type: 'agent-message', from: 'Nova', message: 'hi' })
    side.send({ type: 'event', event: 'agent-joined', name: 'Bolt', workspace: 'w', skills: ['s'] })
    side.send({ type: 'event', event: 'agent-left', name: 'Bolt' })
    side.send({ type: 'event', event: 'hub-shutdown' })
    await side.settle()
    expect(opened.heard).toEqual([
      { from: 'Nova', text: 'hi' },
      { event: 'agent-joined', name: 'Bolt', workspace: 'w', skills: ['s'] },
      { event: 'agent-left', name: 'Bolt' },
    ])
  })
})
