import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { readTextFrames } from '../../test-support/read-text-frames.ts'
import { encodeTextFrame } from './frame-encoder.ts'

/** What a real WebSocket client makes of these bytes. */
const receive = async (bytes: Buffer, count: number): Promise<string[]> => {
  await using server = {
    socket: new WebSocketServer({ port: 0, host: '127.0.0.1' }),
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.socket.close(() => resolve())),
  }
  server.socket.on('connection', (_socket, request) => request.socket.write(bytes))
  await once(server.socket, 'listening')
  const { port } = server.socket.address() as AddressInfo
  const client = new WebSocket(`ws://127.0.0.1:${port}`)
  const texts: string[] = []
  await new Promise<void>((resolve, reject) => {
    client.on('error', reject)
    client.on('message', (data, isBinary) => {
      expect(isBinary).toBe(false)
      texts.push(data.toString())
      if (texts.length === count) resolve()
    })
  })
  client.terminate()
  return texts
}

describe('a text frame', () => {
  test.each([0, 1, 125, 126, 127, 65_535, 65_536, 200_000])(
    'of %i bytes is read by a WebSocket client as it was',
    async (size) => {
      const text = 'x'.repeat(size)
      expect(await receive(encodeTextFrame(text), 1)).toEqual([text])
    },
  )

  test('counts bytes, not characters', async () => {
    const text = '€'.repeat(21_845)
    expect(await receive(encodeTextFrame(text), 1)).toEqual([text])
    expect(encodeTextFrame('é'.repeat(63)).length).toBe(4 + 126)
  })

  test('stands behind others in one write', async () => {
    const texts = ['', 'a', 'ü'.repeat(125), 'c'.repeat(70_000), 'end']
    const bytes = Buffer.concat(texts.map(encodeTextFrame))
    expect(await receive(bytes, texts.length)).toEqual(texts)
    expect(readTextFrames(bytes)).toEqual(texts)
  })
})
