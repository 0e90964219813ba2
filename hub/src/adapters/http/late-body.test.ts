import { once } from 'node:events'
import { connect } from 'node:net'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { buildHub } from '../../app.ts'
import { readConfig } from '../../config.ts'

const startHub = async () => {
  const config = readConfig({ PORT: '0' })
  if (!config.ok) throw new Error(config.mistakes.join('\n'))
  const hub = await buildHub(config.values, pino({ level: 'silent' }))
  return { port: Number(new URL(await hub.listen()).port), [Symbol.asyncDispose]: () => hub.drain() }
}

const MIB = 1_048_576
const toChunk = (bytes: number) => `${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n`

test.each(['keep-alive', 'close'])(
  'a body that goes on after its refusal is read to its end, so that the client reads the answer (connection: %s)',
  async (connection) => {
    await using hub = await startHub()
    const socket = connect(hub.port, '127.0.0.1')
    const errors: Error[] = []
    socket.on('error', (error) => errors.push(error))
    const head = [
      'POST /task HTTP/1.1',
      'host: localhost',
      'content-type: application/json',
      'transfer-encoding: chunked',
    ]
    socket.write(`${head.join('\r\n')}\r\nconnection: ${connection}\r\n\r\n${toChunk(MIB + 1)}`)
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1\.1 413 /)
    for (let chunk = 0; chunk < 40 && errors.length === 0; chunk++) {
      await new Promise((resolve) => socket.write(toChunk(65_536), resolve))
      await new Promise((resolve) => setImmediate(resolve))
    }
    socket.end('0\r\n\r\n')
    if (!socket.closed) await once(socket, 'close')
    expect(errors).toEqual([])
  },
)
