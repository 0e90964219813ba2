import { describe, expect, it } from 'vitest'
import { setUpProvider } from '../../test-support/set-up-provider.ts'
import { anthropicWire } from '../../test-support/vendor-anthropic.ts'
import { answer, faults } from '../../test-support/vendor-faults.ts'
import { ollamaWire } from '../../test-support/vendor-ollama.ts'
import { openAiWire } from '../../test-support/vendor-openai.ts'
import { refuse, startVendor, type VendorScript } from '../../test-support/vendor-server.ts'
import { USAGE, type Wire } from '../../test-support/vendor-wire.ts'
import { systemClock } from '../system/clock.ts'

/** Longest time, in milliseconds, in which a fault that has no bound of its own may be told. */
const AT_ONCE_MS = 2_000

/** A port of this machine that was free a moment ago. */
const findDeadUrl = async (): Promise<string> => {
  await using vendor = await startVendor(faults.hangBeforeHeaders())
  return vendor.url
}

const WIRES = [openAiWire, anthropicWire, ollamaWire]

type Row = readonly [fault: string, script: (wire: Wire) => VendorScript, kind: string, pieces: string]

const FAULTS: readonly Row[] = [
  ['a connection that is cut before the headers', faults.cutBeforeHeaders, 'network', ''],
  ['a stream that is cut after two tokens', (wire) => faults.cut(wire, ['Hel', 'lo']), 'network', 'Hello'],
  ['a piece that is no JSON', (wire) => faults.malformed(wire, ['Hel']), 'truncated', 'Hel'],
  ['an error before the first token', (wire) => faults.errorInStream(wire, []), 'overload', ''],
  ['an error inside the stream', (wire) => faults.errorInStream(wire, ['Hel']), 'overload', 'Hel'],
  ['an error under a 200', (wire) => faults.errorBody(wire), 'overload', ''],
  ['an empty answer', faults.empty, 'truncated', ''],
  ['thoughts without an answer', faults.thoughtsOnly, 'truncated', ''],
  ['an answer without a reason for its end', (wire) => faults.withoutReason(wire, ['Hel']), 'truncated', 'Hel'],
  ['an answer without an end', (wire) => faults.withoutEnd(wire, ['Hel']), 'truncated', 'Hel'],
  ['a refusal after the first token', (wire) => faults.policy(wire, ['Hel']), 'policy', 'Hel'],
  ['an error of a gateway in HTML', faults.html, 'overload', ''],
  ['an error of the server', (wire) => refuse(500, wire.errorBody('no')), 'overload', ''],
  ['nothing but a status', () => (response) => void response.writeHead(503).end(), 'overload', ''],
]

describe.each(WIRES)('at a server that speaks as $name', (wire) => {
  it('an answer is whole and tells what it cost', async () => {
    await using vendor = await startVendor(answer(wire))
    const { ask, pieces } = await setUpProvider(wire.name, vendor.url, { apiKey: 'a-key' })
    expect(await ask()).toEqual({ text: 'Hello there', cutShort: false, usage: USAGE })
    expect(pieces).toEqual(['Hello', ' there'])
    expect(vendor.requests.map(({ path }) => path)).toEqual([wire.path])
  })

  it('an answer that is not streamed is one, too', async () => {
    await using vendor = await startVendor(refuse(200, wire.whole('Hello there')))
    const { ask, pieces } = await setUpProvider(wire.name, vendor.url)
    expect(await ask()).toEqual({ text: 'Hello there', cutShort: false, usage: USAGE })
    expect(pieces).toEqual(['Hello there'])
  })

  it.each(FAULTS)('%s is told by its kind, at once, with what was seen before', async (_fault, script, kind, seen) => {
    await using vendor = await startVendor(script(wire))
    const { fail, pieces } = await setUpProvider(wire.name, vendor.url)
    const { error, tookMs } = await fail()
    expect({ kind: error.kind, seen: pieces.join('') }).toEqual({ kind, seen })
    expect(tookMs).toBeLessThan(AT_ONCE_MS)
    expect(vendor.requests).toHaveLength(1)
  })

  it('a failure tells what it cost all the same', async () => {
    await using vendor = await startVendor(faults.policy(wire, []))
    const { error } = await (await setUpProvider(wire.name, vendor.url)).fail()
    expect(error.usage).toEqual(USAGE)
  })

  it.each([
    ['in seconds', { 'retry-after': '3600' }, 3_600_000],
    ['in milliseconds', { 'retry-after-ms': '1500' }, 1_500],
    ['as a date', { 'retry-after': new Date(Date.UTC(2100, 0, 1)).toUTCString() }, 3_600_000],
  ] as const)('a 429 carries the wait %s', async (_how, headers, waitMs) => {
    await using vendor = await startVendor(refuse(429, { error: { message: 'no', type: 'rate_limit_error' } }, headers))
    const { error, tookMs } = await (await setUpProvider(wire.name, vendor.url)).fail()
    expect(error).toMatchObject({ kind: 'rate-limit', status: 429, retryAfterMs: waitMs })
    expect(tookMs).toBeLessThan(AT_ONCE_MS)
  })

  it('a wrong key is told at once', async () => {
    await using vendor = await startVendor(refuse(401, { error: { message: 'no', type: 'authentication_error' } }))
    const { error, tookMs } = await (await setUpProvider(wire.name, vendor.url)).fail()
    expect(error).toMatchObject({ kind: 'auth', status: 401 })
    expect(tookMs).toBeLessThan(AT_ONCE_MS)
  })

  it('a port where nobody is, is told at once', async () => {
    const { error, tookMs } = await (await setUpProvider(wire.name, await findDeadUrl())).fail()
    expect(error).toMatchObject({ kind: 'network', vendorCode: 'ECONNREFUSED' })
    expect(tookMs).toBeLessThan(AT_ONCE_MS)
  })

  it.each([
    [
      'a silence before the first token',
      faults.hangBeforeToken,
      { connectMs: 250, firstTokenMs: 400 },
      'first_token_timeout',
      '',
    ],
    ['a silence after it', (each: Wire) => faults.stall(each, ['Hel']), { idleMs: 60 }, 'idle_timeout', 'Hel'],
  ] as const)('%s ends by its own bound, and the request with it', async (_what, script, bound, code, seen) => {
    await using vendor = await startVendor(script(wire))
    const patience = { connectMs: 5_000, firstTokenMs: 5_000, idleMs: 5_000, ...bound }
    const { fail, pieces } = await setUpProvider(wire.name, vendor.url, { patience })
    const { error, tookMs } = await fail()
    expect(error).toMatchObject({ kind: 'timeout', vendorCode: code })
    expect(pieces.join('')).toBe(seen)
    expect(tookMs).toBeLessThan(AT_ONCE_MS)
    expect(await vendor.hangups.next()).toBe(wire.path)
  })

  it('thoughts keep a model alive that has not begun to answer', async () => {
    await using vendor = await startVendor((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(`${wire.begin}${wire.thought('Hm.')}`)
    })
    const patience = { connectMs: 5_000, firstTokenMs: 300, idleMs: 400 }
    const { error } = await (await setUpProvider(wire.name, vendor.url, { patience })).fail()
    expect(error.vendorCode).toBe('idle_timeout')
  })

  it('the deadline of the task ends what nothing else has ended', async () => {
    await using vendor = await startVendor(faults.stall(wire, ['Hel']))
    const { fail } = await setUpProvider(wire.name, vendor.url)
    const { error, tookMs } = await fail({ deadlineAt: systemClock.now() + 60 })
    expect(error).toMatchObject({ kind: 'timeout', vendorCode: 'deadline' })
    expect(tookMs).toBeLessThan(AT_ONCE_MS)
  })

  it('a task that is given up takes its request with it', async () => {
    await using vendor = await startVendor(faults.hangBeforeHeaders())
    const { abort, fail } = await setUpProvider(wire.name, vendor.url)
    const failing = fail()
    await vendor.arrivals.next()
    abort.abort()
    expect((await failing).error.kind).toBe('canceled')
    expect(await vendor.hangups.next()).toBe(wire.path)
  })
})

describe('a silence before the headers', () => {
  it.each([openAiWire, anthropicWire])('ends by the bound of connecting at $name', async (wire) => {
    await using vendor = await startVendor(faults.hangBeforeHeaders())
    const patience = { connectMs: 60, firstTokenMs: 5_000, idleMs: 5_000 }
    const { error, tookMs } = await (await setUpProvider(wire.name, vendor.url, { patience })).fail()
    expect(error).toMatchObject({ kind: 'timeout', vendorCode: 'connect_timeout' })
    expect(tookMs).toBeLessThan(AT_ONCE_MS)
    expect(await vendor.hangups.next()).toBe(wire.path)
  })

  it('is a model that thinks at Ollama, which sends them with its first token', async () => {
    await using vendor = await startVendor(faults.hangBeforeHeaders())
    const patience = { connectMs: 20, firstTokenMs: 90, idleMs: 5_000 }
    const { error } = await (await setUpProvider('ollama', vendor.url, { patience })).fail()
    expect(error).toMatchObject({ kind: 'timeout', vendorCode: 'first_token_timeout' })
  })
})
