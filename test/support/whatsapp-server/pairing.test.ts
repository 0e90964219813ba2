import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { linkClient } from './link-client.ts'
import { WhatsAppServer } from './server.ts'
import { TestClient } from './test-client.ts'

const NUMBER = '15550000001'

test('a client is linked by QR, restarts with 515, logs in and hands in its keys', async () => {
  await using server = await WhatsAppServer.start({ areAllKeysWanted: true })
  const phone = server.addPhone({ number: NUMBER, lid: '77' })
  await using client = await linkClient(server, phone)
  expect(client.closes).toEqual([515])
  expect(client.socket.user).toMatchObject({ id: `${NUMBER}:1@s.whatsapp.net`, lid: '77:1@lid' })
  expect(phone.preKeys).toBe(812)
  expect(server.seen.attempts.all.map(({ number, outcome }) => [number, outcome])).toEqual([
    [undefined, 'welcome'],
    [NUMBER, 'welcome'],
  ])
})

test('a client is linked by its eight-character code', async () => {
  await using server = await WhatsAppServer.start()
  const phone = server.addPhone({ number: NUMBER })
  await using client = new TestClient(() => server.url)
  client.connect()
  await client.until('a QR code', () => client.qrCodes.length > 0)
  await phone.enterCode(await client.socket.requestPairingCode(NUMBER))
  await client.until('the connection to open', () => client.isOpen)
  expect(client.closes).toEqual([515])
})

test('a wrong code links nothing', async () => {
  await using server = await WhatsAppServer.start()
  const phone = server.addPhone({ number: NUMBER })
  await using client = new TestClient(() => server.url)
  client.connect()
  await client.until('a QR code', () => client.qrCodes.length > 0)
  const code = await client.socket.requestPairingCode(NUMBER)
  await expect(phone.enterCode(code === 'AAAAAAAA' ? 'BBBBBBBB' : 'AAAAAAAA')).rejects.toThrow('not the one')
  expect(phone.companions).toBe(0)
})

test('a code that nobody entered leaves the client half paired: its next login is a 401', async () => {
  await using server = await WhatsAppServer.start()
  server.addPhone({ number: NUMBER })
  await using client = new TestClient(() => server.url)
  client.connect()
  await client.until('a QR code', () => client.qrCodes.length > 0)
  await client.socket.requestPairingCode(NUMBER)
  await client.end()
  client.connect()
  expect(await client.closed(1)).toBe(401)
})

test('a QR code of a connection that is gone cannot be scanned', async () => {
  await using server = await WhatsAppServer.start()
  const phone = server.addPhone({ number: NUMBER })
  await using client = new TestClient(() => server.url)
  client.connect()
  const qr = await client.until('a QR code', () => client.qrCodes[0])
  await client.end()
  await server.until('the client to be gone', () => server.connections === 0)
  await expect(phone.scan(qr)).rejects.toThrow('nobody waits')
})

test('QR codes come to an end with 408', async () => {
  await using server = await WhatsAppServer.start()
  server.faults.qrCodesMax = 3
  await using client = new TestClient(() => server.url, { qrTimeout: 20 })
  client.connect()
  expect(await client.closed(0)).toBe(408)
  expect(new Set(client.qrCodes).size).toBe(3)
})

test.each(['companion_reg_refresh', 'pair-device-rotate-qr'] as const)(
  '%s takes the secret back: the old QR code is dead, one with a new secret links',
  async (child) => {
    await using server = await WhatsAppServer.start()
    const phone = server.addPhone({ number: NUMBER })
    await using client = new TestClient(() => server.url)
    client.connect()
    const shown = await client.until('a QR code', () => client.qrCodes[0])
    const { socket } = client
    // What a client has to do that shows codes: a new secret, in its identity and in the code
    const redrawn = new Promise<string>((resolve) => {
      socket.ws.on('CB:notification,type:companion_reg_refresh', () => {
        const advSecretKey = randomBytes(32).toString('base64')
        socket.ev.emit('creds.update', { advSecretKey })
        const parts = shown.split(',')
        resolve([...parts.slice(0, 3), advSecretKey, ...parts.slice(4)].join(','))
      })
    })
    server.refreshRegistration(shown, child)
    const qr = await redrawn
    await expect(phone.scan(shown)).rejects.toThrow('its secret was taken back')
    await phone.scan(qr)
    await client.until('the connection to open', () => client.isOpen)
  },
)

test('a login with another key than the linked one is a 401', async () => {
  await using server = await WhatsAppServer.start()
  const phone = server.addPhone({ number: NUMBER })
  await using client = await linkClient(server, phone)
  await using thief = new TestClient(() => server.url)
  const { id = '' } = client.socket.user ?? {}
  thief.auth.saveCreds({ ...thief.auth.read().creds, me: { id } })
  thief.connect()
  expect(await thief.closed(0)).toBe(401)
  expect(client.isOpen).toBe(true)
})
