import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { StartError } from '../../core/failures.ts'
import { toTextMessage } from '../../test-support/cloud-deliveries.ts'
import { useFolder } from '../../test-support/folder.ts'
import { useCloud } from '../../test-support/set-up-cloud.ts'
import { CLOUD_FILE, openCloudStore } from './database.ts'

describe('the store', () => {
  it('is for this user alone, and each commit reaches the disk', () => {
    using folder = useFolder()
    writeFileSync(join(folder.path, CLOUD_FILE), '', { mode: 0o644 })
    const database = openCloudStore(folder.path)
    database.exec('INSERT INTO person VALUES (1, 2, 3)')
    const modes = readdirSync(folder.path).map((name) => statSync(join(folder.path, name)).mode & 0o777)
    expect(modes).toHaveLength(3)
    expect(new Set(modes)).toEqual(new Set([0o600]))
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal')
    expect(database.pragma('synchronous', { simple: true })).toBe(2)
    database.close()
  })

  it.each([
    [
      'other words',
      (file: string) => writeFileSync(file, 'not a database, but long enough to be looked at as one'.repeat(20)),
    ],
    ['half of itself', (file: string) => truncateSync(file, Math.floor(statSync(file).size / 2))],
  ])('with %s in it is left as it was found, and the owner is told', (_what, damage) => {
    using folder = useFolder()
    const file = join(folder.path, CLOUD_FILE)
    const database = openCloudStore(folder.path)
    for (let row = 0; row < 500; row += 1) database.exec(`INSERT INTO person VALUES ('US.${row}', '${row}', 1)`)
    database.close()
    damage(file)
    const before = readFileSync(file)
    expect(() => openCloudStore(folder.path)).toThrow(StartError)
    expect(() => openCloudStore(folder.path)).toThrow(/is damaged .* move it away to begin without it/)
    expect(readFileSync(file)).toEqual(before)
  })

  it('of a newer release is not touched', () => {
    using folder = useFolder()
    const file = join(folder.path, CLOUD_FILE)
    openCloudStore(folder.path).close()
    const database = new Database(file)
    database.pragma('user_version = 99')
    database.close()
    expect(() => openCloudStore(folder.path)).toThrow(/has schema 99 of a newer release/)
  })

  it('in a folder that cannot be used is told as that', () => {
    using folder = useFolder()
    expect(() => openCloudStore(join(folder.path, 'missing'))).toThrow(/cannot be used \(ENOENT\)/)
  })
})

it('a power cut at any moment leaves all of a delivery or nothing, and Meta brings the rest again', async () => {
  await using cloud = await useCloud()
  const life = await cloud.start()
  life.work = () => new Promise(() => undefined)
  const deliveries = Array.from({ length: 5 }, (_, index) =>
    ['a', 'b', 'c'].map((part) => toTextMessage(`${index}${part}`, cloud.clock.now(), `4917100000${index}`)),
  )
  const from = (name: string) => join(cloud.folder.path, name)
  const log = `${CLOUD_FILE}-wal`
  for (const messages of deliveries) expect(await life.deliver({ messages })).toBe(200)
  const [file, wal] = [readFileSync(from(CLOUD_FILE)), readFileSync(from(log))]
  for (let cut = 0; cut <= 20; cut += 1) {
    using after = useFolder()
    writeFileSync(join(after.path, CLOUD_FILE), file, { mode: 0o600 })
    writeFileSync(join(after.path, log), wal.subarray(0, Math.floor((wal.length * cut) / 20)), { mode: 0o600 })
    const database = openCloudStore(after.path)
    const rows = database.prepare<[], { chat: string; count: number }>(
      'SELECT chat, count(*) AS count FROM inbox GROUP BY chat',
    )
    for (const { count } of rows.all()) expect(count).toBe(3)
    if (cut === 20) expect(rows.all()).toHaveLength(deliveries.length)
    database.close()
  }
})
