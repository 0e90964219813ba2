import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../test-support/fake-clock.ts'
import { useFolder } from '../../test-support/folder.ts'
import type { WhatsAppEvent } from './events.ts'
import { MEDIA_FOLDER, MediaFolder } from './media-folder.ts'
import { type Attachment, findAttachment } from './open-media.ts'

const PICTURE: Attachment = {
  kind: 'image',
  mimetype: 'image/jpeg; q=1',
  bytes: 5,
  mediaKey: Buffer.from('key'),
  directPath: '/v/one',
}

async function* pieces(...texts: readonly string[]) {
  for (const text of texts) yield Buffer.from(text)
}

const useMedia = (bytesMax: number, open: () => Promise<AsyncIterable<Uint8Array>> | undefined) => {
  const folder = useFolder()
  const faults: string[] = []
  const told: WhatsAppEvent[] = []
  const waiting: (() => void)[] = []
  const media = new MediaFolder({
    ...{ dataDir: folder.path, bytesMax, open, clock: new FakeClock(Date.UTC(2026, 0, 2, 3, 4, 5)) },
    observe: (event) => {
      told.push(event)
      for (const wake of waiting.splice(0)) wake()
    },
    complain: (what) => faults.push(what),
  })
  const path = join(folder.path, MEDIA_FOLDER)
  return {
    ...{ media, faults, told, path },
    until: async (count: number) => {
      while (told.length < count) await new Promise<void>((resolve) => waiting.push(resolve))
      return told
    },
    files: () => (existsSync(path) ? readdirSync(path) : []),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  }
}

describe('files of people', () => {
  it('are kept for this user alone, under a name that nobody else has chosen', async () => {
    using test = useMedia(5, async () => pieces('he', 'llo'))
    test.media.offer('../../A1-1', PICTURE)
    expect(await test.until(1)).toEqual([{ type: 'whatsapp.media-saved', messageId: '../../A1-1', media: 'image' }])
    expect(test.files()).toEqual(['20260102T030405Z-A1-1.jpg'])
    const file = join(test.path, '20260102T030405Z-A1-1.jpg')
    expect(readFileSync(file, 'utf8')).toBe('hello')
    expect([statSync(file).mode & 0o777, statSync(test.path).mode & 0o777]).toEqual([0o600, 0o700])
  })

  it('are not kept when the owner does not want them', () => {
    using test = useMedia(0, () => expect.fail('nothing is fetched'))
    test.media.offer('A1-1', PICTURE)
    expect([test.told, test.files()]).toEqual([[], []])
  })

  it('are not kept when they are too large, whatever their sender says', async () => {
    using test = useMedia(4, async () => pieces('he', 'llo'))
    test.media.offer('A1-1', PICTURE)
    test.media.offer('A2-2', { ...PICTURE, bytes: 0 })
    await test.until(2)
    expect(test.told).toEqual([
      { type: 'whatsapp.media-skipped', messageId: 'A1-1', why: 'too-large' },
      { type: 'whatsapp.media-skipped', messageId: 'A2-2', why: 'failed' },
    ])
    expect(test.files()).toEqual([])
  })

  it('are few at a time, and a failure is one file less', async () => {
    const ends: (() => void)[] = []
    using test = useMedia(5, () => new Promise((_resolve, reject) => ends.push(() => reject(new Error('gone')))))
    for (const id of ['A1', 'A2', 'A3', 'A4']) test.media.offer(id, PICTURE)
    expect(test.told).toEqual([{ type: 'whatsapp.media-skipped', messageId: 'A4', why: 'too-many' }])
    for (const end of ends) end()
    await test.until(4)
    expect(test.faults).toEqual(['save-media', 'save-media', 'save-media'])
    test.media.offer('A5', PICTURE)
    expect(test.told).toHaveLength(4)
  })
})

describe('the file of a message', () => {
  const media = { mediaKey: Buffer.from('key'), directPath: '/v/one', mimetype: 'image/png', fileLength: 7 }

  it('is found wherever it is wrapped', () => {
    const found = { kind: 'image', mimetype: 'image/png', bytes: 7, mediaKey: media.mediaKey, directPath: '/v/one' }
    expect(findAttachment({ imageMessage: media })).toEqual(found)
    expect(findAttachment({ viewOnceMessageV2: { message: { imageMessage: media } } })).toEqual(found)
    expect(findAttachment({ audioMessage: media })).toMatchObject({ kind: 'audio' })
    expect(findAttachment({ conversation: 'hello' })).toBeUndefined()
  })

  it.each(['@evil.example/one', '.evil.example/one', '', ':1/one'])('is not fetched from %j', (directPath) => {
    expect(findAttachment({ imageMessage: { ...media, directPath } })).toBeUndefined()
  })
})
