import { once } from 'node:events'
import { Agent, createServer, type IncomingHttpHeaders, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ProtocolError } from '@ai-comms/shared'
import { describe, expect, test } from 'vitest'
import { readJsonBody } from './read-body.ts'

const BYTES_MAX = 1_000

/** A server that answers with what became of the body. */
const startReader = async () => {
  let calls = 0
  const closed = Promise.withResolvers<void>()
  const server = createServer((message, response) => {
    message.once('close', closed.resolve)
    readJsonBody(message, BYTES_MAX, (error, body) => {
      calls += 1
      if (error instanceof ProtocolError) response.end(JSON.stringify({ code: error.code }))
      else response.end(JSON.stringify(error === null ? { body } : { bug: String(error) }))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const agent = new Agent({ keepAlive: true })
  return {
    port,
    agent,
    /** How often the reader said that it was done, once all of the body has come. */
    countCalls: async () => {
      await closed.promise
      return calls
    },
    [Symbol.asyncDispose]: () => {
      agent.destroy()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
type Reader = Awaited<ReturnType<typeof startReader>>

const post = async (
  { port, agent }: Pick<Reader, 'port' | 'agent'>,
  chunks: readonly (string | Buffer)[],
  headers: IncomingHttpHeaders = {},
): Promise<unknown> => {
  const call = request({ port, host: '127.0.0.1', method: 'POST', headers, agent })
  for (const chunk of chunks) call.write(chunk)
  call.end()
  const [response] = await once(call, 'response')
  let text = ''
  for await (const chunk of response) text += chunk
  return JSON.parse(text)
}

const JSON_TYPE = { 'content-type': 'application/json' }

describe('a body', () => {
  test.each([
    undefined,
    'application/json',
    'application/json; charset=utf-8',
    'APPLICATION/JSON',
    'application/vnd.api+json',
    ' ; charset=utf-8',
  ])('of type %j is read as JSON', async (type) => {
    await using reader = await startReader()
    const headers = type === undefined ? {} : { 'content-type': type }
    expect(await post(reader, ['{"a":', '[1]}'], headers)).toEqual({ body: { a: [1] } })
  })

  test.each(['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'application/jsonx', '+json'])(
    'of type %j is refused',
    async (type) => {
      await using reader = await startReader()
      const answer = await post(reader, ['{}'], { 'content-type': type })
      expect(answer).toEqual({ code: 'unsupported_media_type' })
    },
  )

  test('that is compressed is refused, and one that says it is not compressed is read', async () => {
    await using reader = await startReader()
    const gzip = await post(reader, ['{}'], { ...JSON_TYPE, 'content-encoding': 'gzip' })
    expect(gzip).toMatchObject({ code: 'unsupported_media_type' })
    const identity = await post(reader, ['{}'], { ...JSON_TYPE, 'content-encoding': 'identity' })
    expect(identity).toMatchObject({ body: {} })
  })

  test('that is empty is no body, not a mistake', async () => {
    await using reader = await startReader()
    expect(await post(reader, [], JSON_TYPE)).toEqual({})
  })

  test.each(['{', 'nul', '{"a":1}x', '\uFEFF{}'])('that is not JSON (%j) is refused', async (text) => {
    await using reader = await startReader()
    expect(await post(reader, [text], JSON_TYPE)).toEqual({ code: 'bad_json' })
  })

  test('at the limit is read, one byte more is refused, whether its length is announced or not', async () => {
    await using reader = await startReader()
    const fits = `"${'x'.repeat(BYTES_MAX - 2)}"`
    const tooLong = `"${'x'.repeat(BYTES_MAX - 1)}"`
    const length = (text: string) => ({ ...JSON_TYPE, 'content-length': String(Buffer.byteLength(text)) })
    expect(await post(reader, [fits], length(fits))).toMatchObject({ body: fits.slice(1, -1) })
    expect(await post(reader, [fits], JSON_TYPE)).toMatchObject({ body: fits.slice(1, -1) })
    expect(await post(reader, [tooLong], length(tooLong))).toMatchObject({ code: 'payload_too_large' })
    expect(await post(reader, [tooLong], JSON_TYPE)).toMatchObject({ code: 'payload_too_large' })
  })

  test('far over the limit is still answered, once, to a client that writes before it reads', async () => {
    await using reader = await startReader()
    const chunks = Array.from({ length: 40 }, () => Buffer.alloc(65_536, 'x'))
    expect(await post(reader, chunks, JSON_TYPE)).toEqual({ code: 'payload_too_large' })
    expect(await reader.countCalls()).toBe(1)
  })

  test('that breaks off is told as a bad request', async () => {
    const seen = Promise.withResolvers<Error | null>()
    const server = createServer((message) => readJsonBody(message, BYTES_MAX, (error) => seen.resolve(error)))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const call = request({
      port,
      host: '127.0.0.1',
      method: 'POST',
      headers: { ...JSON_TYPE, 'content-length': '100' },
    })
    call.on('error', () => {
      // The call is broken off on purpose below
    })
    call.write('{"a":')
    await once(server, 'request')
    call.destroy()
    expect(await seen.promise).toMatchObject({ code: 'bad_request' })
    server.close()
  })
})
