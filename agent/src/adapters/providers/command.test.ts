import { describe, expect, it } from 'vitest'
import { setUpProvider } from '../../test-support/set-up-provider.ts'
import { systemClock } from '../system/clock.ts'
import type { PatienceBounds } from './patience.ts'

const PATIENT: PatienceBounds = { connectMs: 5_000, firstTokenMs: 5_000, idleMs: 5_000 }

/** A program of some lines of JavaScript. */
const setUp = (script: string, patience: Partial<PatienceBounds> = {}, environment: Record<string, string> = {}) =>
  setUpArgv([process.execPath, '--eval', script], patience, environment)

const setUpArgv = (
  argv: readonly [string, ...string[]],
  patience: Partial<PatienceBounds> = {},
  environment: Record<string, string> = {},
) => setUpProvider('command', '', { command: { argv, environment }, patience: { ...PATIENT, ...patience } })

/** Whether a process lives. */
const lives = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const untilDead = async (pid: number): Promise<void> => {
  while (lives(pid)) await new Promise((resolve) => setImmediate(resolve))
}

describe('a command', () => {
  it('reads the message from its standard input, and what it prints is the answer', async () => {
    const { ask, provider } = await setUpArgv(['/bin/cat'])
    expect(await ask()).toEqual({ text: 'hi', cutShort: false })
    expect(provider).toMatchObject({ name: 'command', model: 'cat' })
  })

  it('streams what it prints, and breaks no character in two', async () => {
    const { ask, pieces } = await setUp(
      `const bytes = Buffer.from('é!'); process.stdout.write('a'); process.stdout.write(bytes.subarray(0, 1), () =>
       setTimeout(() => process.stdout.write(bytes.subarray(1)), 20))`,
    )
    expect((await ask()).text).toBe('aé!')
    expect(pieces.length).toBeGreaterThan(1)
    expect(pieces.join('')).toBe('aé!')
  })

  it('is never read by a shell', async () => {
    const { ask } = await setUpArgv(['/bin/echo', '$HOME; echo `id` | cat'])
    expect((await ask()).text).toBe('$HOME; echo `id` | cat\n')
  })

  it('sees only the environment that it is given', async () => {
    const { ask } = await setUp('process.stdout.write(JSON.stringify(process.env))', {}, { MINE: '1' })
    expect(JSON.parse((await ask()).text)).toEqual({ MINE: '1' })
  })

  it('need not read its input', async () => {
    const { provider } = await setUp(`process.stdin.destroy(); process.stdout.write('done')`)
    const completion = await provider.complete(
      { system: '', turns: [{ role: 'user', text: 'x'.repeat(2_000_000) }] },
      { signal: new AbortController().signal, deadlineAt: systemClock.now() + 5_000, onText: () => {} },
    )
    expect(completion.text).toBe('done')
  })

  it('that prints without an end is ended, and what there is counts as cut short', async () => {
    const { ask } = await setUp(`const more = () => process.stdout.write('x'.repeat(65536), more); more()`)
    const { text, cutShort } = await ask()
    expect({ chars: text.length, cutShort }).toEqual({ chars: 1_048_576, cutShort: true })
  })
})

describe('the failure of a command', () => {
  it.each([
    ['an exit code', `console.error('bad\\n  key'); process.exit(3)`, 'overload', 'exit 3: bad key'],
    ['a signal', `process.kill(process.pid, 'SIGKILL')`, 'overload', 'SIGKILL'],
    ['no output', '', 'truncated', 'no output'],
  ])('is told by its kind, with the end of what it complained about: %s', async (_what, script, kind, code) => {
    expect((await (await setUp(script)).fail()).error).toMatchObject({ kind, vendorCode: code })
  })

  it('is another provider’s chance when it cannot be started', async () => {
    const { error } = await (await setUpArgv(['/nowhere/at-all'])).fail()
    expect(error).toMatchObject({ kind: 'invalid', vendorCode: 'ENOENT', isModelSpecific: true })
  })

  it('keeps only the end of a long complaint', async () => {
    const { error } = await (await setUp(`console.error('x'.repeat(100000) + 'the end'); process.exit(1)`)).fail()
    expect(error.vendorCode).toMatch(/x the end$|xthe end$/)
    expect(error.vendorCode?.length).toBeLessThan(400)
  })

  it.each([
    ['before its first word', 'setInterval(() => {}, 1000)', { firstTokenMs: 150 }, 'first_token_timeout'],
    ['after it', `process.stdout.write('a'); setInterval(() => {}, 1000)`, { idleMs: 150 }, 'idle_timeout'],
  ])('is a timeout when it falls silent %s', async (_when, script, bounds, code) => {
    const { error, tookMs } = await (await setUp(script, bounds)).fail()
    expect(error).toMatchObject({ kind: 'timeout', vendorCode: code })
    expect(tookMs).toBeLessThan(2_000)
  })

  it('comes in time even if it will not end, and ends all that it has started', async () => {
    const stubborn = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`
    const { fail, pieces } = await setUp(
      `const { spawn } = require('node:child_process')
       const child = spawn(process.execPath, ['--eval', ${JSON.stringify(stubborn)}], { stdio: 'ignore' })
       child.once('spawn', () => process.stdout.write([process.pid, child.pid].join(' ')))
       ${stubborn}`,
    )
    const { error, tookMs } = await fail({ deadlineAt: systemClock.now() + 600 })
    expect(error).toMatchObject({ kind: 'timeout', vendorCode: 'deadline' })
    expect(tookMs).toBeLessThan(600 + 1_000)
    const pids = pieces.join('').split(' ').map(Number)
    expect(pids).toHaveLength(2)
    await Promise.all(pids.map(untilDead))
  })

  it('is a cancellation when the task is given up', async () => {
    const { fail, abort } = await setUp(`process.stdout.write('a'); setInterval(() => {}, 1000)`)
    const failing = fail({ onText: () => abort.abort() })
    expect((await failing).error.kind).toBe('canceled')
  })
})
