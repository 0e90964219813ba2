import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { startHubProcess } from '../helpers/hub-process.ts'
import { connect } from '../helpers/peer.ts'
import { bearer } from '../helpers/token-folder.ts'

const MAIN = fileURLToPath(new URL('../../hub/src/main.ts', import.meta.url))

interface Printed {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** A folder that the command runs in, without any variables. */
const openFolder = async () => {
  const path = await mkdtemp(join(tmpdir(), 'token-command-'))
  const token = (...args: string[]) =>
    new Promise<Printed>((resolve) => {
      const command = ['--', MAIN, 'token', ...args]
      execFile(process.execPath, command, { cwd: path, env: { PATH: process.env['PATH'] } }, (error, out, err) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err })
      })
    })
  return { path, token, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

const jtiOf = ({ err }: Printed): string => /Token (\S+) for/.exec(err)?.[1] ?? 'no jti'

test('issue, list and revoke work on a hub that runs: its agent comes in, and is closed with 4003', async () => {
  await using folder = await openFolder()
  const data = join(folder.path, 'hub-data')
  await using hub = await startHubProcess({ HUB_DATA_DIR: data })
  const issued = await folder.token('issue', '--name', 'atlas', '--scope', 'agent,tasks:read', '--data-dir', data)
  expect(issued).toMatchObject({ code: 0, out: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+\n$/) })
  const [token = '', jti] = [issued.out.trim(), jtiOf(issued)]
  await using agent = await connect(hub, { name: 'atlas', secret: token })
  expect((await hub.call('GET', '/agents', bearer(token))).status).toBe(200)
  const listed = await folder.token('list', '--data-dir', data)
  expect(listed.out).toMatch(new RegExp(`${jti} +atlas +agent,tasks:read .* active`))
  expect(await folder.token('revoke', jti, '--data-dir', data)).toMatchObject({
    code: 0,
    out: `Revoked ${jti} (atlas).\n`,
  })
  const revokedAt = performance.now()
  expect(await agent.nextError()).toMatchObject({ code: 'unauthorized' })
  expect(await agent.end()).toMatchObject({ code: 4003 })
  expect(performance.now() - revokedAt).toBeLessThan(3_000)
  expect((await hub.call('GET', '/agents', bearer(token))).status).toBe(401)
  expect((await folder.token('list', '--data-dir', data)).out).toContain('revoked')
  for (const text of [listed.out, hub.stdout, hub.stderr]) expect(text).not.toContain(token.split('.')[2])
})

test('the command works without a hub, in the data folder that the env file names, for its owner only', async () => {
  await using folder = await openFolder()
  expect(await folder.token('list')).toEqual({ code: 0, out: '', err: 'No tokens have been issued.\n' })
  expect(await readdir(folder.path)).toEqual([])
  await writeFile(join(folder.path, '.env'), 'HUB_DATA_DIR=here\nPORT=not-asked-for\n')
  expect(await folder.token('issue', '--name', 'atlas', '--scope', 'agent')).toMatchObject({ code: 0 })
  expect((await stat(join(folder.path, 'here'))).mode & 0o777).toBe(0o700)
  expect((await stat(join(folder.path, 'here', 'tokens.sqlite'))).mode & 0o777).toBe(0o600)
  await writeFile(join(folder.path, '.env.other'), 'HUB_DATA_DIR=elsewhere\n')
  expect((await folder.token('list', '--env-file', '.env.other')).out).toBe('')
  expect((await folder.token('list')).out).toContain('atlas')
})

test('help is told on request; what cannot be is one sentence and exit 1', async () => {
  await using folder = await openFolder()
  for (const args of [['--help'], ['issue', '--help'], ['revoke', '-h']]) {
    expect(await folder.token(...args)).toMatchObject({ code: 0, out: expect.stringContaining('--scope'), err: '' })
  }
  const wrong = [['frob'], ['revoke', 'nobody'], ['list', '--env-file', 'nowhere'], ['list', '--data-dir', ':memory:']]
  for (const args of wrong) {
    const { code, out, err } = await folder.token(...args)
    expect({ code, out, lines: err.trim().split('\n').length }, args.join(' ')).toEqual({ code: 1, out: '', lines: 1 })
  }
})
