import type { Phone } from './phone.ts'
import type { WhatsAppServer } from './server.ts'
import { type ClientConfig, TestClient } from './test-client.ts'

/** A client that was linked to a phone by QR, is logged in and has been told what waited. */
export const linkClient = async (
  server: WhatsAppServer,
  phone: Phone,
  config: ClientConfig = {},
): Promise<TestClient> => {
  const client = new TestClient(() => server.url, config)
  client.connect()
  await phone.scan(await client.until('a QR code', () => client.qrCodes.at(-1)))
  await client.until('the connection to open', () => client.isOpen)
  await client.until('the history', () => client.hasHistory)
  return client
}
