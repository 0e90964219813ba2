import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { fetchVersion } from './fetch-version.ts'

const serve = async (status: number, pieces: readonly string[]) => {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.writeHead(status)
    for (const piece of pieces) response.write(piece)
    response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    asked,
    url: new URL(`ws://127.0.0.1:${port}/ws/chat`),
    [Symbol.asyncDispose]: async () => {
      server.close()
      await once(server, 'close')
    },
  }
}

describe('the newest version of WhatsApp Web', () => {
  it.each([
    [['self.data={"client_revision":1043857761,"x":1}']],
    [['self.data="{\\"client_revision\\":1043857761}"']],
    [['{"client_revision":10438', '57761', ',"x":1}', 'x'.repeat(100_000)]],
    [['{"client_revision":1043857761']],
  ])('is read beside the socket, from %j', async (pieces) => {
    await using server = await serve(200, pieces)
    expect(await fetchVersion(server.url)).toEqual([2, 3_000, 1_043_857_761])
    expect(server.asked).toEqual(['/sw.js'])
  })

  it('is unknown when it is not said there, when nobody is there, or when there is no end of it', async () => {
    await using wrong = await serve(404, ['{"client_revision":1}'])
    expect(await fetchVersion(wrong.url)).toBeUndefined()
    await using nothing = await serve(200, ['nothing'])
    expect(await fetchVersion(nothing.url)).toBeUndefined()
    await using endless = await serve(200, ['x'.repeat(5_000_000), '"client_revision":1'])
    expect(await fetchVersion(endless.url)).toBeUndefined()
    expect(await fetchVersion(new URL('ws://127.0.0.1:9/ws/chat'))).toBeUndefined()
  })
})
