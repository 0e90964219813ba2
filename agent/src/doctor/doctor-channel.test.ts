import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type HealthView, startHealthServer } from '../adapters/health/health-server.ts'
import { openStorage } from '../adapters/sqlite/storage.ts'
import { openWhatsAppStore, WHATSAPP_FILE } from '../adapters/whatsapp/database.ts'
import { LONELY, useDoctor } from '../test-support/examine.ts'
import { GRAPH_ACCOUNT, refuseWith, startGraph } from '../test-support/graph-server.ts'

const LINKED = { ...LONELY, PLATFORM: 'whatsapp' }

const CLOUD = {
  ...LINKED,
  WHATSAPP_MODE: 'cloud',
  WHATSAPP_CLOUD_PHONE_NUMBER_ID: GRAPH_ACCOUNT.phoneNumberId,
  WHATSAPP_CLOUD_ACCESS_TOKEN: GRAPH_ACCOUNT.accessToken,
  WHATSAPP_CLOUD_APP_SECRET: '0123456789abcdef0123456789abcdef',
  WHATSAPP_CLOUD_VERIFY_TOKEN: 'a-word-of-ours',
}

const look = async (doctor: ReturnType<typeof useDoctor>, variables: Record<string, string>, offline = false) => {
  const { of } = await doctor.examine(variables, { offline })
  return of('whatsapp')
}

/** Writes credentials as an agent that was here before has left them. */
const leaveCreds = (dataDir: string, creds: object): void => {
  mkdirSync(dataDir, { mode: 0o700 })
  const database = openWhatsAppStore(dataDir)
  database.prepare('INSERT INTO auth (kind, id, value) VALUES (?, ?, ?)').run('creds', '', JSON.stringify(creds))
  database.close()
}

describe('an agent on WhatsApp that does not run', () => {
  it.each([
    ['no link', undefined, 'warn', 'Not linked'],
    ['a pairing that nobody finished', { me: { id: '1@s.whatsapp.net' } }, 'warn', 'Not linked'],
    ['a link', { me: { id: '1@s.whatsapp.net' }, account: { details: 'x' } }, 'ok', 'Linked to an account'],
  ] as const)('has %s, and is told what to do', async (_what, creds, status, detail) => {
    using doctor = useDoctor()
    if (creds) leaveCreds(join(doctor.folder.path, 'data'), creds)
    expect(await look(doctor, LINKED, true)).toMatchObject([{ status, detail: expect.stringContaining(detail) }])
  })

  it('has a store that cannot be read, and is not told to put an old one back', async () => {
    using doctor = useDoctor()
    const dataDir = join(doctor.folder.path, 'data')
    mkdirSync(dataDir, { mode: 0o700 })
    writeFileSync(join(dataDir, WHATSAPP_FILE), 'this is no database, whatever it is called'.repeat(100))
    const [found] = await look(doctor, LINKED, true)
    expect(found).toMatchObject({ status: 'fail', detail: expect.stringContaining('SQLITE_NOTADB') })
    expect(found?.fix).toContain('Do not put an old copy back')
  })
})

describe('an agent on WhatsApp that runs', () => {
  const ask = async (channel: HealthView['channel']) => {
    using doctor = useDoctor()
    const dataDir = join(doctor.folder.path, 'data')
    mkdirSync(dataDir, { mode: 0o700 })
    const view = (): HealthView => ({
      ...{ status: 'ok', agent: 'Atlas', link: 'online', ready: true, storage: 'ok', uptime: 1, version: '0.1.0' },
      ...{ tasks: { running: 0, waiting: 0 }, providers: [], chain: [], tokensToday: 0 },
      ...(channel === undefined ? {} : { channel }),
    })
    const server = await startHealthServer('127.0.0.1', 0, view)
    const { journal } = openStorage(dataDir)
    const found = await look(doctor, { ...LINKED, HEALTH_PORT: String(server.port) })
    journal.close()
    await server.close()
    return found
  }

  it.each([
    ['open', 'ok', /messages come and go/],
    ['pairing', 'warn', /waits for your phone/],
    ['waiting', 'warn', /tries again by itself/],
  ] as const)('tells itself that it is %s', async (state, status, detail) => {
    expect(await ask({ name: 'whatsapp', state })).toMatchObject([{ status, detail: expect.stringMatching(detail) }])
  })

  it('tells itself what its owner should do', async () => {
    const found = await ask({ name: 'whatsapp', state: 'logged-out', advice: 'Link it anew.' })
    expect(found).toMatchObject([
      { status: 'fail', detail: expect.stringContaining('logged-out'), fix: 'Link it anew.' },
    ])
  })
})

describe('an agent on the Cloud API', () => {
  it('is asked of Meta, whether it takes the token', async () => {
    using doctor = useDoctor()
    await using graph = await startGraph()
    const variables = { ...CLOUD, WHATSAPP_CLOUD_GRAPH_URL: graph.url.href }
    expect(await look(doctor, variables)).toMatchObject([{ status: 'ok' }])
    graph.fail(refuseWith(190, 401), 'check')
    const [refused] = await look(doctor, variables)
    expect(refused).toMatchObject({ status: 'fail', detail: expect.stringContaining('code 190') })
    expect(JSON.stringify(refused)).not.toContain(GRAPH_ACCOUNT.accessToken)
    expect(await look(doctor, variables, true)).toMatchObject([{ status: 'skip' }])
  })

  it('cannot be asked where nobody listens', async () => {
    using doctor = useDoctor()
    const variables = { ...CLOUD, WHATSAPP_CLOUD_GRAPH_URL: 'http://127.0.0.1:9' }
    expect(await look(doctor, variables)).toMatchObject([
      { status: 'fail', detail: expect.stringContaining('cannot be reached') },
    ])
  })

  it('is not looked at while its variables are missing, and everything else is', async () => {
    using doctor = useDoctor()
    const { of } = await doctor.examine({ ...LINKED, WHATSAPP_MODE: 'cloud' }, { offline: true })
    expect(of('configuration').filter(({ status }) => status === 'fail')).toHaveLength(4)
    expect(of('data folder')).toMatchObject([{ status: 'ok' }])
    expect(of('whatsapp')).toEqual([])
  })
})

describe('an agent without WhatsApp', () => {
  it('is told nothing of it', async () => {
    using doctor = useDoctor()
    expect(await look(doctor, LONELY, true)).toEqual([])
  })
})
