import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, test } from 'vitest'
import { onceClosed } from './once-closed.ts'

/** Lets a caller ask and hang up before anything is answered. */
const openCall = async () => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const caller = connect((server.address() as AddressInfo).port, '127.0.0.1')
  caller.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
  const [, response]: [unknown, ServerResponse] = await new Promise((resolve) =>
    server.once('request', (...call) => resolve(call)),
  )
  return {
    response,
    hangUp: async () => {
      const closed = once(response, 'close')
      caller.destroy()
      await closed
    },
    [Symbol.asyncDispose]: () => {
      caller.destroy()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

test('a reader who goes is told once, and so is one who had gone before anybody asked', async () => {
  await using call = await openCall()
  let told = 0
  onceClosed(call.response, () => told++)
  expect(told).toBe(0)
  await call.hangUp()
  expect(told).toBe(1)
  onceClosed(call.response, () => told++)
  expect(told).toBe(2)
})
