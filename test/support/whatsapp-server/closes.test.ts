import { DEFAULT_CONNECTION_CONFIG } from '@whiskeysockets/baileys'
import { expect, test } from 'vitest'
import { linkClient } from './link-client.ts'
import { Person } from './person.ts'
import { WhatsAppServer } from './server.ts'
import { TestClient } from './test-client.ts'

const NUMBER = '15550000001'

test('every code that ends a connection comes as it is, and the client can log in again', async () => {
  await using server = await WhatsAppServer.start()
  const phone = server.addPhone({ number: NUMBER })
  await using client = await linkClient(server, phone)
  for (const code of [402, 403, 405, 406, 408, 411, 428, 440, 500, 503]) {
    const closed = client.closed()
    phone.end(code)
    expect(await closed).toBe(code)
    await client.open()
  }
  const closed = client.closed()
  phone.end(515)
  expect(await closed).toBe(515)
  await client.until('the restart', () => client.isOpen)
  expect(phone.companions).toBe(1)
})

test('every code that refuses a login comes as it is', async () => {
  await using server = await WhatsAppServer.start()
  await using client = await linkClient(server, server.addPhone({ number: NUMBER }))
  await client.end()
  for (const code of [401, 402, 403, 405, 406, 411, 429, 500, 503]) {
    server.faults.login = code
    const closed = client.closed()
    client.connect()
    expect(await closed).toBe(code)
  }
  server.faults.login = undefined
  await client.open()
  expect(server.seen.attempts.all.at(-2)).toMatchObject({ number: NUMBER, outcome: 503 })
})

test('a refusal may be meant for one number', async () => {
  await using server = await WhatsAppServer.start()
  server.faults.login = (number) => (number === NUMBER ? 403 : undefined)
  await using ben = await Person.join(server, { number: '15550000002' })
  const client = new TestClient(() => server.url)
  client.connect()
  await server.addPhone({ number: NUMBER }).scan(await client.until('a QR code', () => client.qrCodes[0]))
  await client.until('the refusal', () => client.closes.at(-1) === 403)
  expect(ben.client.isOpen).toBe(true)
})

test('a connection that is cut is a 428, a refused one a 408, and an outage ends', async () => {
  await using server = await WhatsAppServer.start()
  const phone = server.addPhone({ number: NUMBER })
  await using client = await linkClient(server, phone)
  const cut = client.closed()
  phone.cut()
  expect(await cut).toBe(428)
  await client.open()
  const gone = client.closed()
  await server.pause()
  expect(await gone).toBe(428)
  const refused = client.closed()
  client.connect()
  expect(await refused).toBe(408)
  await server.resume()
  await client.open()
})

test('a connection that nobody answers on is given up with 408', async () => {
  await using server = await WhatsAppServer.start()
  await using ben = await Person.join(server, { number: '15550000002' })
  const phone = server.addPhone({ number: NUMBER })
  await using client = await linkClient(server, phone, { keepAliveIntervalMs: 100 })
  const closed = client.closed()
  phone.goDeaf()
  await ben.say(phone, 'can you hear me?')
  await server.until('it to wait', () => phone.waiting === 1)
  await client.socket.sendPresenceUpdate('composing', ben.toJid('lid'))
  expect(await closed).toBe(408)
  expect(server.seen.chatStates.all).toEqual([])
  expect(client.arrivals.filter(({ message }) => !message.key.fromMe)).toEqual([])
})

test('a second login of the same device replaces the first with 440', async () => {
  await using server = await WhatsAppServer.start()
  await using client = await linkClient(server, server.addPhone({ number: NUMBER }))
  await using second = new TestClient(() => server.url)
  second.auth.saveCreds(client.socket.authState.creds)
  const closed = client.closed()
  await second.open()
  expect(await closed).toBe(440)
})

test('a device that is unlinked is told so with 401, at once or at its next login', async () => {
  await using server = await WhatsAppServer.start()
  const phone = server.addPhone({ number: NUMBER })
  await using client = await linkClient(server, phone)
  await using other = await linkClient(server, phone)
  await other.end()
  const closed = client.closed()
  phone.unlink()
  expect(await closed).toBe(401)
  const refused = other.closed()
  other.connect()
  expect(await refused).toBe(401)
})

test('a client may log itself out', async () => {
  await using server = await WhatsAppServer.start()
  const phone = server.addPhone({ number: NUMBER })
  await using client = await linkClient(server, phone)
  await client.socket.logout()
  await server.until('the device to be gone', () => phone.companions === 0)
  await client.until('the end', () => client.closes.at(-1) === 401)
})

test('a client whose version is too old is refused with 405, linked or not; a newer one is let in', async () => {
  await using server = await WhatsAppServer.start()
  const [major, minor, revision] = DEFAULT_CONNECTION_CONFIG.version
  await using client = await linkClient(server, server.addPhone({ number: NUMBER }))
  await client.end()
  server.faults.oldestRevision = revision + 1
  const refused = client.closed()
  client.connect()
  expect(await refused).toBe(405)
  await using stranger = new TestClient(() => server.url)
  stranger.connect()
  expect(await stranger.closed(0)).toBe(405)
  const page = await (await fetch(server.versionUrl)).text()
  const current = Number(/"client_revision":(\d+)/.exec(page)?.[1])
  client.config.version = [major, minor, current]
  await client.open()
  expect(server.seen.attempts.all.at(-1)).toMatchObject({ revision: revision + 1, outcome: 'welcome' })
})
