import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { Person } from './person.ts'
import { WhatsAppServer } from './server.ts'

const ANNA = { number: '15550000001' }
const BEN = { number: '15550000002' }

test('a document is uploaded encrypted, and its receiver can read it', async () => {
  await using server = await WhatsAppServer.start()
  await using anna = await Person.join(server, ANNA)
  await using ben = await Person.join(server, BEN)
  const bytes = Buffer.from(randomBytes(300_000).toString('base64'))
  await anna.sendDocument(ben, { fileName: 'report.md', bytes, mimetype: 'text/markdown', caption: 'the report' })
  const got = await ben.expectReply('the report')
  expect(got.fileName).toBe('report.md')
  expect((await ben.download(got)).equals(bytes)).toBe(true)
  const [upload] = server.uploads.values()
  expect(upload?.length).toBeGreaterThan(bytes.length)
  expect(upload?.includes(bytes.subarray(0, 64))).toBe(false)
})

test('without the media host nothing is sent, and nothing can be read', async () => {
  await using server = await WhatsAppServer.start()
  await using anna = await Person.join(server, ANNA)
  await using ben = await Person.join(server, BEN)
  const bytes = Buffer.from('x')
  server.faults.mediaStatus = 503
  await expect(anna.sendDocument(ben, { fileName: 'lost.txt', bytes })).rejects.toThrow()
  expect(server.seen.relayed.all).toEqual([])
  expect(server.uploads.size).toBe(0)
  server.faults.mediaStatus = undefined
  await anna.sendDocument(ben, { fileName: 'kept.txt', bytes })
  const got = await ben.expectReply()
  server.faults.mediaStatus = 410
  await expect(ben.download(got)).rejects.toThrow()
})
