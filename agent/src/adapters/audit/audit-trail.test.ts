import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AuditEvent } from '../../core/events.ts'
import { FakeClock } from '../../test-support/fake-clock.ts'
import { useFolder } from '../../test-support/folder.ts'
import { AuditTrail, type TrailBounds } from './audit-trail.ts'
import { AUDIT_KEY_FILE, openReferences } from './sender-reference.ts'
import { verifyTrail } from './verify-trail.ts'

const TRAIL = new URL('audit-trail.ts', import.meta.url).href
const SMALL: TrailBounds = { fileBytesMax: 1_000, filesMax: 3, waitingMax: 5 }

const entry = (count: number) => ({ at: count, type: 'command', facts: { command: 'help', count } })

/** A folder with trails that are opened one after the other, as an agent does that starts again. */
const setUp = (bounds?: TrailBounds) => {
  const folder = useFolder()
  const logs = join(folder.path, 'logs')
  const clock = new FakeClock()
  const events: AuditEvent[] = []
  const open = () =>
    new AuditTrail({
      dataDir: folder.path,
      clock,
      observe: (event) => void events.push(event),
      ...(bounds ? { bounds } : {}),
    })
  /** One life of an agent. */
  const write = async (...counts: number[]) => {
    const trail = open()
    for (const count of counts) trail.append(entry(count))
    await trail.close()
  }
  const files = () => readdirSync(logs).sort()
  const read = async (count = 100) =>
    (await open().readTail(count)).map(({ type, facts }) =>
      type === 'command' ? facts['count'] : `${type} ${JSON.stringify(facts)}`,
    )
  const verify = () => verifyTrail(folder.path)
  return {
    ...folder,
    logs,
    clock,
    events,
    open,
    write,
    files,
    read,
    verify,
    last: () => join(logs, files().at(-1) ?? ''),
  }
}

describe('the audit trail', () => {
  it('is lines that are chained over restarts, for this user alone', async () => {
    using used = setUp()
    expect(await used.verify()).toEqual({ kind: 'empty' })
    expect(await used.read()).toEqual([])
    await used.write(1, 2)
    await used.write(3)
    expect(used.files()).toEqual(['audit-000000000001.jsonl'])
    expect(statSync(used.logs).mode & 0o777).toBe(0o700)
    expect(statSync(used.last()).mode & 0o777).toBe(0o600)
    const lines = readFileSync(used.last(), 'utf8').trimEnd().split('\n')
    const [one, , three] = lines.map((line) => JSON.parse(line))
    expect(one).toMatchObject({ seq: 1, at: '1970-01-01T00:00:00.001Z', type: 'command', prev: '0'.repeat(64) })
    expect(await used.verify()).toMatchObject({
      kind: 'whole',
      lines: 3,
      firstSeq: 1,
      end: { seq: 3, hash: three.hash },
    })
    expect(used.events).toEqual([])
  })

  it('goes on in the next file when one is full, and lets the oldest go', async () => {
    using used = setUp({ ...SMALL, waitingMax: 99 })
    await used.write(...Array.from({ length: 30 }, (_, index) => index))
    await used.write(30, 31)
    expect(used.files()).toHaveLength(3)
    for (const file of used.files()) expect(statSync(join(used.logs, file)).size).toBeLessThanOrEqual(1_000)
    expect(await used.verify()).toMatchObject({ kind: 'whole', files: 3, end: { seq: 32 } })
    expect(await used.read(5)).toEqual([27, 28, 29, 30, 31])
    expect(await used.read(0)).toEqual([])
  })

  it('is read while it is written', async () => {
    using used = setUp()
    const trail = used.open()
    for (const count of [1, 2, 3]) trail.append(entry(count))
    expect((await trail.readTail(2)).map(({ seq, at }) => [seq, at])).toEqual([
      [2, 2],
      [3, 3],
    ])
    await trail.close()
    trail.append(entry(4))
    expect(await used.read()).toEqual([1, 2, 3])
  })

  it('takes a last line away that an end has cut off, and says so in its place', async () => {
    using used = setUp()
    await used.write(1, 2)
    truncateSync(used.last(), statSync(used.last()).size - 10)
    expect(await used.verify()).toMatchObject({ kind: 'whole', lines: 1, unfinishedBytes: expect.any(Number) })
    await used.write(3)
    expect(used.events).toMatchObject([{ type: 'audit.torn', file: used.files()[0] }])
    expect(await used.read()).toEqual([1, expect.stringMatching(/^torn-line \{"bytes":\d+\}$/), 3])
    expect(await used.verify()).toMatchObject({ kind: 'whole', lines: 3, unfinishedBytes: 0 })
  })

  it('leaves nothing of what was cut off, however long it was', async () => {
    using used = setUp()
    await used.write(1)
    appendFileSync(used.last(), 'x'.repeat(9_000))
    await used.write(2)
    expect(await used.read()).toEqual([1, 'torn-line {"bytes":9000}', 2])
    expect(await used.verify()).toMatchObject({ kind: 'whole', lines: 3, unfinishedBytes: 0 })
  })

  it('begins well when it was cut off before its first line was finished', async () => {
    using used = setUp()
    await used.write(1)
    truncateSync(used.last(), 3)
    await used.write(2)
    truncateSync(used.last(), 0)
    await used.write(3)
    expect(await used.read()).toEqual([3])
    expect(await used.verify()).toMatchObject({ kind: 'whole', lines: 1, firstSeq: 1 })
  })

  it('goes on after lines that cannot be read, and leaves them for whoever looks', async () => {
    using used = setUp()
    await used.write(1)
    appendFileSync(used.last(), 'rubbish\n')
    await used.write(2)
    expect(used.events).toEqual([{ type: 'audit.unreadable', file: used.files()[0] }])
    expect(await used.verify()).toMatchObject({ kind: 'broken', line: 2, why: 'unreadable' })
    expect(await used.read()).toEqual([1, 2])
  })

  it('is made anew, in its chain, when somebody takes it away under it', async () => {
    using used = setUp()
    const trail = used.open()
    trail.append(entry(1))
    await trail.readTail(1)
    rmSync(used.logs, { recursive: true })
    trail.append(entry(2))
    await trail.close()
    expect(await used.verify()).toMatchObject({ kind: 'whole', firstSeq: 2, lines: 1 })
    expect(used.events).toEqual([])
  })
})

describe('a disk that does not serve', () => {
  it('is told once; what waits is written when it serves again, and what had no room is counted', async () => {
    using used = setUp(SMALL)
    writeFileSync(used.logs, 'no folder')
    const trail = used.open()
    for (const count of [1, 2, 3]) trail.append(entry(count))
    await trail.readTail(0)
    for (const count of [4, 5, 6, 7]) trail.append(entry(count))
    used.clock.pass(5_000)
    await trail.readTail(0)
    const codes = used.events.flatMap((event) => (event.type === 'audit.failed' ? [event.code] : [event.type]))
    expect(new Set(codes)).toEqual(new Set(['EEXIST', 'ENOTDIR']))
    rmSync(used.logs)
    used.clock.pass(5_000)
    await trail.close()
    expect(used.events.at(-1)).toEqual({ type: 'audit.recovered', lost: 2 })
    expect(await used.read()).toEqual([1, 2, 3, 4, 5, 'lines-lost {"count":2}'])
    expect(await used.verify()).toMatchObject({ kind: 'whole' })
  })

  it('and takes only a part of a write leaves neither half a line nor one twice', async () => {
    using used = setUp()
    const code = `
      import { AuditTrail } from ${JSON.stringify(TRAIL)}
      const clock = { now: () => 0, after: () => () => {} }
      const observe = ({ type, code }) => console.log(type, code)
      const trail = new AuditTrail({ dataDir: ${JSON.stringify(used.path)}, clock, observe })
      for (let count = 0; count < 100; count++) trail.append({ at: 0, type: 'command', facts: { count } })
      await trail.close()`
    // the system lets the process write so many bytes into a file, and not one more
    const script = 'ulimit -f 4 && exec "$0" --input-type=module --eval "$1"'
    const child = spawnSync('bash', ['-c', script, process.execPath, code], { encoding: 'utf8' })
    expect(child.stdout).toBe('audit.failed EFBIG\n')
    await used.write(1, 2)
    expect(await used.verify()).toMatchObject({ kind: 'whole', lines: 2 })
    expect(await used.read()).toEqual([1, 2])
  })

  it('and a kill at any moment leave a whole chain', async () => {
    using used = setUp()
    const code = `
      import { AuditTrail } from ${JSON.stringify(TRAIL)}
      const clock = { now: () => 0, after: () => () => {} }
      const bounds = { fileBytesMax: 5_000, filesMax: 100, waitingMax: 1_000 }
      const trail = new AuditTrail({ dataDir: ${JSON.stringify(used.path)}, clock, observe: () => {}, bounds })
      for (let count = 0; ; count++) {
        trail.append({ at: 0, type: 'command', facts: { count } })
        if (count % 7 === 0) await trail.readTail(1)
        if (count === 50) process.stdout.write('well under way')
      }`
    for (let life = 0; life < 2; life++) {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', code])
      await once(child.stdout, 'data')
      child.kill('SIGKILL')
      await once(child, 'close')
    }
    await used.write(1)
    expect(await used.verify()).toMatchObject({ kind: 'whole', unfinishedBytes: 0 })
  })
})

describe('the verification', () => {
  it('finds the first line that was changed, taken out, put in, or put elsewhere', async () => {
    using used = setUp({ ...SMALL, waitingMax: 99 })
    await used.write(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
    const path = used.last()
    const [first = '', second = '', ...others] = readFileSync(path, 'utf8').split('\n')
    const broken = async (...lines: string[]) => {
      writeFileSync(path, [...lines, ...others].join('\n'))
      return used.verify()
    }
    const file = used.files().at(-1)
    expect(await broken(first, second)).toMatchObject({ kind: 'whole' })
    expect(await broken(first.replace('help', 'team'), second)).toEqual({
      kind: 'broken',
      file,
      line: 1,
      why: 'changed',
    })
    expect(await broken(first)).toMatchObject({ line: 2, why: 'not-next' })
    expect(await broken(second, first)).toMatchObject({ line: 1, why: 'not-next' })
    expect(await broken(first, first, second)).toMatchObject({ line: 2, why: 'not-next' })
    expect(await broken(first, '{"seq":1}', second)).toMatchObject({ line: 2, why: 'unreadable' })
    rmSync(join(used.logs, used.files()[1] ?? ''))
    expect(await broken(first, second)).toMatchObject({ line: 1, why: 'not-next' })
  })

  it('finds a genuine line of another trail in the place of its own', async () => {
    using used = setUp()
    using other = setUp()
    await used.write(1, 2, 3)
    await other.write(7, 8, 9)
    const lines = readFileSync(used.last(), 'utf8').split('\n')
    const foreign = readFileSync(other.last(), 'utf8').split('\n')
    writeFileSync(used.last(), [lines[0], foreign[1], ...lines.slice(2)].join('\n'))
    expect(await used.verify()).toMatchObject({ kind: 'broken', line: 2, why: 'not-next' })
  })

  it('finds any byte that was changed', async () => {
    using used = setUp()
    await used.write(1, 2, 3)
    const path = used.last()
    const good = readFileSync(path)
    const flips = fc.record({ at: fc.nat(good.length - 1), by: fc.integer({ min: 1, max: 127 }) })
    await fc.assert(
      fc.asyncProperty(flips, async ({ at, by }) => {
        const bad = Buffer.from(good)
        bad[at] = (bad[at] ?? 0) ^ by
        writeFileSync(path, bad)
        const found = await used.verify()
        // without its line break the last line is one that is not finished
        const isLastBreak = at === good.length - 1
        expect(found.kind === 'broken' || (isLastBreak && found.kind === 'whole' && found.unfinishedBytes > 0)).toBe(
          true,
        )
      }),
      { numRuns: 200 },
    )
  })
})

describe('a reference', () => {
  it('is the same for the same person over restarts, another with another key, and not the person', () => {
    using folder = useFolder()
    using other = useFolder()
    const one = openReferences(folder.path)('491711234567')
    expect(one).toMatch(/^[0-9a-f]{16}$/)
    expect(openReferences(folder.path)('491711234567')).toBe(one)
    expect(openReferences(folder.path)('491711234568')).not.toBe(one)
    expect(openReferences(other.path)('491711234567')).not.toBe(one)
    expect(statSync(join(folder.path, AUDIT_KEY_FILE)).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder.path)).toEqual([AUDIT_KEY_FILE])
  })

  it('is not made with a key that is none, nor where none can be written', () => {
    using folder = useFolder()
    writeFileSync(join(folder.path, AUDIT_KEY_FILE), 'x')
    expect(() => openReferences(folder.path)).toThrow(/audit\.key holds no key; delete it/)
    expect(() => openReferences(join(folder.path, 'nowhere'))).toThrow(/audit\.key cannot be written \(ENOENT\)\.$/)
  })
})
