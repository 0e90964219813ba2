import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { startHealthServer } from '../adapters/health/health-server.ts'
import { SCHEMA_VERSION } from '../adapters/sqlite/database.ts'
import { openStorage } from '../adapters/sqlite/storage.ts'
import { LONELY, useDoctor } from '../test-support/examine.ts'

const OFFLINE = { offline: true } as const

/** A doctor, and a data folder in which an agent has been. */
const useUsedFolder = () => {
  const doctor = useDoctor()
  const dataDir = join(doctor.folder.path, 'data')
  openStorage(dataDir).journal.close()
  const look = async () => {
    const { of } = await doctor.examine(LONELY, OFFLINE)
    return of('data folder')
  }
  return { ...doctor, dataDir, look, [Symbol.dispose]: () => doctor[Symbol.dispose]() }
}

const setVersion = (dataDir: string, version: number): void => {
  const database = new Database(join(dataDir, 'agent.sqlite'))
  database.pragma(`user_version = ${version}`)
  database.close()
}

describe('the data folder', () => {
  it('that is not there is not made', async () => {
    using doctor = useDoctor()
    const { of } = await doctor.examine({ ...LONELY, DATA_DIR: join(doctor.folder.path, 'deep', 'down') }, OFFLINE)
    expect(of('data folder')).toMatchObject([{ status: 'ok', detail: expect.stringContaining('not there yet') }])
    expect(existsSync(join(doctor.folder.path, 'deep'))).toBe(false)
  })

  it('of an agent that rests is free, and stays as it was', async () => {
    using used = useUsedFolder()
    const before = readdirSync(used.dataDir)
    expect(await used.look()).toMatchObject([
      { status: 'ok', detail: expect.stringMatching(new RegExp(`schema ${SCHEMA_VERSION}, free for an agent`)) },
    ])
    expect(readdirSync(used.dataDir)).toEqual(before)
  })

  it('of an agent that runs is fine, and stays its own', async () => {
    using used = useUsedFolder()
    const { journal } = openStorage(used.dataDir)
    expect(await used.look()).toMatchObject([
      { status: 'ok', detail: expect.stringContaining('an agent is at work in it') },
    ])
    expect(() => openStorage(used.dataDir)).toThrow(/in use by another agent/)
    journal.probe()
    journal.close()
  })

  it('of a newer release is named with both numbers, and one of an older release is not brought up to date', async () => {
    using used = useUsedFolder()
    setVersion(used.dataDir, SCHEMA_VERSION + 1)
    expect(await used.look()).toMatchObject([
      {
        status: 'fail',
        detail: expect.stringContaining(`schema ${SCHEMA_VERSION + 1}`),
        fix: expect.stringContaining('DATA_DIR'),
      },
    ])
    setVersion(used.dataDir, 0)
    for (const _time of ['first', 'second']) {
      expect(await used.look()).toMatchObject([{ status: 'ok', detail: expect.stringContaining('schema 0, which') }])
    }
  })

  it('that is damaged, a file, torn or open to others is told so', async () => {
    using used = useUsedFolder()
    chmodSync(used.dataDir, 0o755)
    expect(await used.look()).toMatchObject([
      { status: 'ok' },
      { status: 'warn', fix: `Run "chmod 700 ${used.dataDir}".` },
    ])
    chmodSync(used.dataDir, 0o700)
    writeFileSync(join(used.dataDir, 'instance-id'), '0198')
    expect(await used.look()).toMatchObject([{ status: 'fail', detail: expect.stringContaining('no instance id') }])
    writeFileSync(join(used.dataDir, 'agent.sqlite'), Buffer.alloc(16_384, 'no database '))
    expect((await used.look())[0]).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('damaged'),
      fix: expect.stringContaining('move it away'),
    })
    const file = join(used.folder.path, 'file')
    writeFileSync(file, '')
    for (const dataDir of [file, join(file, 'below')]) {
      const { of } = await used.examine({ ...LONELY, DATA_DIR: dataDir }, OFFLINE)
      expect(of('data folder')).toMatchObject([{ status: 'fail', fix: expect.stringContaining('DATA_DIR') }])
    }
  })
})

const view = (agent: string) => () => ({
  status: 'ok' as const,
  agent,
  link: 'online',
  ready: true,
  storage: 'ok' as const,
  tasks: { running: 0, waiting: 0 },
  providers: [],
  chain: [],
  tokensToday: 0,
  uptime: 1,
  version: '0.1.0',
})

describe('the health port', () => {
  it('is free, and free again afterwards', async () => {
    using doctor = useDoctor()
    const taken = await startHealthServer('127.0.0.1', 0, view('Atlas'))
    await taken.close()
    const { of } = await doctor.examine({ ...LONELY, HEALTH_PORT: String(taken.port) }, OFFLINE)
    expect(of('health port')).toMatchObject([{ status: 'ok', detail: expect.stringContaining('is free') }])
    await (await startHealthServer('127.0.0.1', taken.port, view('Atlas'))).close()
  })

  it.each([
    ['this agent', 'Atlas', true, 'ok', /is this agent's/],
    ['an agent of this name with another folder', 'Atlas', false, 'fail', /another DATA_DIR/],
    ['another agent', 'Nova', true, 'fail', /by the agent Nova/],
    ['another agent that rests in no folder of ours', 'Nova', false, 'fail', /by the agent Nova/],
  ])('is taken by %s', async (_who, name, isRunning, status, detail) => {
    using doctor = useDoctor()
    const server = await startHealthServer('127.0.0.1', 0, view(name))
    const dataDir = join(doctor.folder.path, 'data')
    mkdirSync(dataDir, { mode: 0o700 })
    const journal = isRunning ? openStorage(dataDir).journal : undefined
    const { of } = await doctor.examine({ ...LONELY, HEALTH_PORT: String(server.port) }, OFFLINE)
    journal?.close()
    await server.close()
    const [found] = of('health port')
    expect(found?.status).toBe(status)
    expect(found?.detail).toMatch(detail)
    if (status === 'fail') expect(found?.fix).toContain('HEALTH_PORT')
    expect(found?.fix?.includes('DATA_DIR') ?? false).toBe(status === 'fail' && isRunning)
  })

  it('is taken by something that says nothing, or on an address that is not here', async () => {
    using doctor = useDoctor()
    await using server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? String(address.port) : ''
    const mute = await doctor.examine({ ...LONELY, HEALTH_PORT: port }, { ...OFFLINE, bounds: { portMs: 200 } })
    expect(mute.of('health port')).toMatchObject([
      { status: 'fail', detail: expect.stringContaining('another program') },
    ])
    const away = await doctor.examine({ ...LONELY, HEALTH_HOST: '192.0.2.1' }, OFFLINE)
    expect(away.of('health port')).toMatchObject([{ status: 'fail', fix: expect.stringContaining('HEALTH_HOST') }])
  })
})
