import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { startHubProcess } from '../helpers/hub-process.ts'
import { connect } from '../helpers/peer.ts'

const CHECK = fileURLToPath(new URL('../../deploy/src/check-health.ts', import.meta.url))
const [CERT, KEY] = ['cert', 'key'].map((name) =>
  fileURLToPath(new URL(`fixtures/test-only-${name}.pem`, import.meta.url)),
)
/** What a container gives the check, with some room for a machine that does much else. */
const CHECK_MS_MAX = 15_000

const check = (program: string, env: Readonly<Record<string, string>>) =>
  new Promise<{ code: number; out: string }>((resolve) => {
    const options = { env: { PATH: process.env['PATH'], ...env }, timeout: CHECK_MS_MAX }
    execFile(process.execPath, [CHECK, program], options, (error, out, err) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, out: `${out}${err}` })
    })
  })

/** Something on a port that answers as it is told, or not at all. */
const serve = async (answer: string | undefined) => {
  const server = createServer((_request, response) => {
    if (answer !== undefined) response.end(answer)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: String((server.address() as AddressInfo).port),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('the health check of a container', () => {
  test('is content with a hub that is well, and not with one that is being stopped', async () => {
    await using hub = await startHubProcess()
    await using agent = await connect(hub, { name: 'a' })
    const { port } = new URL(hub.url)
    expect(await check('hub', { PORT: port })).toEqual({ code: 0, out: 'ok\n' })
    const running = hub.call('POST', '/task', { body: { agent: 'a', message: 'x' } })
    const task = await agent.nextTask()
    hub.signal('SIGTERM')
    await agent.nextEvent('hub-shutdown')
    expect(await check('hub', { PORT: port })).toEqual({ code: 1, out: 'draining\n' })
    agent.reply(task, 'done')
    await running
    await hub.end()
    expect(await check('hub', { PORT: port })).toEqual({ code: 1, out: expect.stringContaining('ECONNREFUSED') })
  })

  test('finds a hub that speaks TLS, whatever name its certificate is for', async () => {
    const tls = { TLS_CERT_PATH: CERT ?? '', TLS_KEY_PATH: KEY ?? '' }
    await using hub = await startHubProcess(tls)
    expect(await check('hub', { PORT: new URL(hub.url).port, ...tls })).toEqual({ code: 0, out: 'ok\n' })
  })

  test.each([
    { answer: '{"status":"ok","agent":"Atlas"}', code: 0, out: 'ok\n' },
    { answer: '{"status":"degraded","agent":"Atlas"}', code: 1, out: 'degraded\n' },
    { answer: '{}', code: 1, out: 'an answer without a status\n' },
    { answer: '<html>', code: 1, out: 'an answer without a status\n' },
    { answer: undefined, code: 1, out: 'no answer within 4000 ms\n' },
  ])('ends with $code for an agent that says $answer', async ({ answer, code, out }) => {
    await using server = await serve(answer)
    expect(await check('agent', { HEALTH_PORT: server.port })).toEqual({ code, out })
  })

  test('says how it is used', async () => {
    expect(await check('bot', {})).toEqual({ code: 1, out: expect.stringContaining('hub | agent') })
  })
})
