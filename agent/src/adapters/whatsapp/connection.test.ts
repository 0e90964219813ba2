import { describe, expect, it } from 'vitest'
import { FakeClock, settle } from '../../test-support/fake-clock.ts'
import { Connection } from './connection.ts'
import type { WhatsAppEvent } from './events.ts'
import type { LiveSocket, SocketListener } from './live-socket.ts'

const start = async (end: () => Promise<void> = async () => undefined) => {
  const clock = new FakeClock()
  const log: string[] = []
  const events: WhatsAppEvent[] = []
  const sockets: SocketListener[] = []
  const socket = (number: number): LiveSocket => ({
    startedAt: 0,
    compose: async () => new Uint8Array(),
    relay: async () => undefined,
    showTyping: async () => undefined,
    markRead: async () => undefined,
    learnNumbers: async () => undefined,
    replay: () => undefined,
    requestCode: async () => '',
    openMedia: () => Promise.reject(new Error('There are no files')),
    end: () => {
      log.push(`end ${number}`)
      return end()
    },
  })
  const connection = new Connection({
    open: async (listener) => socket(sockets.push(listener)),
    user: {
      noteOpen: () => log.push('open'),
      noteLost: () => log.push('lost'),
      takeMessages: (messages) => log.push(`messages ${messages.length}`),
      noteAck: (id) => log.push(`ack ${id}`),
      noteDelivered: () => undefined,
    },
    pairing: { take: (qr) => log.push(`qr ${qr}`), noteDone: () => log.push('paired') },
    auth: { dropHalfPairing: () => undefined, forget: () => log.push('forget') },
    versions: { refresh: () => log.push('refresh'), keep: () => log.push('keep') },
    clock,
    random: () => 0.5,
    observe: (event) => events.push(event),
    complain: (what) => log.push(`complain ${what}`),
    bounds: { silenceMsMax: 90_000, connectMsMax: 60_000 },
  })
  connection.start()
  await settle()
  const newest = () => sockets.at(-1) ?? expect.fail('there is no socket')
  return { connection, clock, log, events, sockets, newest }
}

describe('a connection', () => {
  it('shows a QR, starts again when it is linked, and is open then', async () => {
    const { connection, log, newest } = await start()
    newest().takeQr('one')
    newest().takeQr('two')
    expect(connection.state.name).toBe('pairing')
    newest().notePaired()
    newest().noteClosed(515)
    await settle()
    newest().noteOpen()
    expect(connection.state.name).toBe('open')
    expect(connection.socket).toBeDefined()
    expect(log).toEqual(['qr one', 'qr two', 'paired', 'keep', 'open'])
  })

  it('waits before it tries again, and tells what it does and when', async () => {
    const { connection, clock, events, sockets, newest } = await start()
    newest().noteOpen()
    newest().noteClosed(503)
    expect([connection.state.name, connection.socket]).toEqual(['waiting', undefined])
    expect(events.at(-1)).toEqual({ type: 'whatsapp.state', state: 'waiting', code: 503, waitMs: 500 })
    clock.pass(499)
    expect(sockets).toHaveLength(1)
    clock.pass(1)
    expect(sockets).toHaveLength(2)
    expect(connection.state.name).toBe('connecting')
  })

  it('does not listen to a socket that was replaced, but for its messages', async () => {
    const { connection, clock, log, sockets, newest } = await start()
    newest().noteOpen()
    newest().noteClosed(428)
    clock.pass(1_000)
    await settle()
    newest().noteOpen()
    log.length = 0
    sockets[0]?.noteClosed(401)
    sockets[0]?.noteOpen()
    sockets[0]?.takeQr('old')
    sockets[0]?.takeMessages([])
    sockets[0]?.noteAck('M1', undefined)
    expect(connection.state.name).toBe('open')
    expect(log).toEqual(['messages 0', 'ack M1'])
  })

  it('gives up a socket that says nothing, and one that never opens', async () => {
    const { connection, clock, log, newest } = await start()
    newest().noteOpen()
    clock.pass(80_000)
    newest().noteSign()
    clock.pass(90_000)
    expect(connection.state.name).toBe('open')
    clock.pass(10_000)
    expect(log.slice(-2)).toEqual(['lost', 'end 1'])
    await settle()
    clock.pass(1_000)
    expect(connection.state.name).toBe('connecting')
    await settle()
    clock.pass(70_000)
    expect(log.at(-1)).toBe('end 2')
  })

  it('forgets who it is when WhatsApp says so, tells the owner what to do, and does no more', async () => {
    const { connection, clock, log, events, sockets, newest } = await start()
    newest().noteOpen()
    newest().noteClosed(401)
    expect(log.slice(-2)).toEqual(['lost', 'forget'])
    expect(events.at(-1)).toMatchObject({ state: 'logged-out', sentence: expect.stringMatching(/link it anew\.$/) })
    clock.pass(86_400_000)
    expect([connection.state.name, sockets.length, clock.alarms]).toEqual(['logged-out', 1, 0])
  })

  it('looks for another version when its own is too old', async () => {
    const { log, sockets, newest } = await start()
    newest().noteClosed(405)
    expect(log).toEqual(['refresh'])
    expect(sockets).toHaveLength(2)
  })

  it('ends the socket when it is stopped, one that is being made, too', async () => {
    const { connection, log, newest } = await start()
    newest().noteClosed(515)
    // the second one is still being made
    await connection.stop()
    await settle()
    expect(log).toEqual(['end 2'])
    expect(connection.state.name).toBe('stopped')
  })

  it('does not wait for a goodbye that does not come', async () => {
    const { connection, clock } = await start(() => new Promise(() => undefined))
    const stopped = connection.stop()
    clock.pass(1_000)
    await stopped
  })
})
