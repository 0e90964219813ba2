import { Curve, generateSignalPubKey } from '@whiskeysockets/baileys'
import { verifySignature } from 'libsignal/src/curve.js'
import { expect, test } from 'vitest'
import { makeIdentity } from './identity.ts'
import { Person } from './person.ts'
import { WhatsAppServer } from './server.ts'
import { TestClient } from './test-client.ts'

const ANNA = { number: '15550000001' }
const BEN = { number: '15550000002' }

test('Baileys as it is believes a server that nobody vouches for', async () => {
  await using server = await WhatsAppServer.start({ identity: makeIdentity() })
  await using client = new TestClient(() => server.url)
  client.connect()
  await client.until('a QR code', () => client.qrCodes.length > 0)
})

test('with signatures that are looked at, such a server is refused, and everything works with one that is vouched for', async () => {
  const { verify } = Curve
  Curve.verify = (key, content, signature) => verifySignature(generateSignalPubKey(key), content, signature)
  try {
    await using impostor = await WhatsAppServer.start({ identity: makeIdentity() })
    await using client = new TestClient(() => impostor.url)
    client.connect()
    expect(await client.closed(0)).toBe(400)
    expect(client.errors).toEqual([expect.stringContaining('intermediate certificate signature invalid')])
    await using server = await WhatsAppServer.start()
    await using anna = await Person.join(server, ANNA)
    await using ben = await Person.join(server, BEN)
    const group = await anna.createGroup('pair', [ben])
    await anna.say(ben, 'hello')
    await anna.say(group, 'hello both')
    await ben.expectReply('hello')
    await ben.expectReply('hello both')
  } finally {
    Curve.verify = verify
  }
})
