import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { EventStream, wantsEvents } from './event-stream.ts'

const countTimers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length

test('a stream whose reader hung up before it began leaves no timer behind', async () => {
  const timers = Promise.withResolvers<number>()
  await using server = Fastify()
  server.get('/', async (_request, reply) => {
    await once(reply.raw, 'close')
    const before = countTimers()
    new EventStream(reply).begin()
    timers.resolve(countTimers() - before)
    return reply
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const caller = connect((server.server.address() as AddressInfo).port, '127.0.0.1')
  caller.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
  await once(server.server, 'request')
  caller.destroy()
  expect(await timers.promise).toBe(0)
})

test.each([
  ['text/event-stream', true],
  ['Text/Event-Stream; charset=utf-8', true],
  ['text/event-stream, application/json', true],
  ['application/json, text/event-stream', false],
  ['application/json;q=0.5, text/event-stream', true],
  ['text/event-stream;q=0.5, */*', false],
  ['text/event-stream;q=0', false],
  ['text/event-stream;q=nonsense', false],
  ['text/html, text/event-stream', true],
  ['*/*', false],
  ['', false],
  [undefined, false],
])('Accept: %s asks for a stream: %s', (accept, isWanted) => {
  expect(wantsEvents(accept)).toBe(isWanted)
})
