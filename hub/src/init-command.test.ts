import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { describe, expect, test } from 'vitest'
import { readConfig } from './config.ts'
import { runInitCommand } from './init-command.ts'

/** A folder that the command works in. */
const openFolder = () => {
  const path = mkdtempSync(join(tmpdir(), 'hub-init-'))
  return {
    path,
    init: (...args: string[]) => runInitCommand(['--dir', path, ...args]),
    read: (name: string) => parseEnv(readFileSync(join(path, name), 'utf8')),
    list: () => readdirSync(path).sort(),
    [Symbol.dispose]: () => rmSync(path, { recursive: true }),
  }
}

const refused = (sentence: RegExp | string) => ({ code: 1, out: '', err: expect.stringMatching(sentence) })

describe('hub init', () => {
  test('makes three secrets that production takes, for this user only, and prints none of them', () => {
    using folder = openFolder()
    const { code, out, err } = folder.init()
    expect({ code, err, list: folder.list() }).toEqual({ code: 0, err: '', list: ['.env'] })
    const env = folder.read('.env')
    const secrets = Object.values(env)
    expect(Object.keys(env)).toEqual(['HUB_SECRET', 'SECURITY_AGENT_SECRET', 'SECURITY_ENCRYPTION_KEY'])
    expect(new Set(secrets).size).toBe(3)
    for (const secret of secrets) expect(secret).toMatch(/^[0-9a-f]{64}$/)
    expect(readConfig({ ...env, NODE_ENV: 'production' })).toMatchObject({ ok: true, warnings: [] })
    expect((statSync(join(folder.path, '.env')).mode & 0o777).toString(8)).toBe('600')
    expect(out).toContain(`Made ${join(folder.path, '.env')}: `)
    expect(out).toContain('AGENT_HUB_SECRET=<HUB_SECRET of ')
    for (const secret of secrets) expect(out).not.toContain(secret)
  })

  test('makes a file for each agent, with the same secrets and a place of its own', () => {
    using folder = openFolder()
    const { code, out } = folder.init('--agents', 'atlas, Nova,bolt-2')
    expect({ code, list: folder.list() }).toEqual({ code: 0, list: ['.env', '.env.Nova', '.env.atlas', '.env.bolt-2'] })
    const { HUB_SECRET: secret, ...shared } = folder.read('.env')
    expect(['atlas', 'Nova', 'bolt-2'].map((name) => folder.read(`.env.${name}`))).toEqual(
      ['atlas', 'Nova', 'bolt-2'].map((name, at) => ({
        AGENT_NAME: name,
        AGENT_HUB_URL: 'http://localhost:8090',
        AGENT_HUB_SECRET: secret,
        ...shared,
        DATA_DIR: `data/agents/${name}`,
        HEALTH_PORT: String(9_091 + at),
      })),
    )
    expect(out).toContain(`pnpm agent --env-file ${join(folder.path, '.env.atlas')}`)
    expect(out).not.toContain(secret)
  })

  test('never overwrites: one file that is there, and nothing is made', () => {
    using folder = openFolder()
    writeFileSync(join(folder.path, '.env.nova'), 'mine')
    symlinkSync('nowhere', join(folder.path, '.env.bolt'))
    const before = folder.list()
    const found = folder.init('--agents', 'atlas,nova,bolt')
    expect(found).toEqual(
      refused(/\.env\.nova, .*\.env\.bolt are there already and stay as they are; nothing was made/),
    )
    expect([folder.list(), readFileSync(join(folder.path, '.env.nova'), 'utf8')]).toEqual([before, 'mine'])
    folder.init('--agents', 'atlas')
    const text = readFileSync(join(folder.path, '.env'), 'utf8')
    expect(folder.init()).toEqual(refused(/\.env is there already and stays as it is; nothing was made/))
    expect(readFileSync(join(folder.path, '.env'), 'utf8')).toBe(text)
  })

  test('makes files that their owner can read, whatever the umask', () => {
    using folder = openFolder()
    const before = process.umask(0o777)
    try {
      expect(folder.init('--agents', 'atlas').code).toBe(0)
    } finally {
      process.umask(before)
    }
    const modes = folder.list().map((name) => (statSync(join(folder.path, name)).mode & 0o777).toString(8))
    expect(modes).toEqual(['600', '600'])
  })

  test('is refused where there is no folder', () => {
    using folder = openFolder()
    writeFileSync(join(folder.path, 'file'), '')
    for (const dir of ['nowhere', 'file', 'nowhere/deep']) {
      const found = runInitCommand(['--dir', join(folder.path, dir)])
      expect(found, dir).toEqual(refused(/is no folder; make it first, or choose another place/))
    }
    expect(folder.list()).toEqual(['file'])
  })

  test.each([
    [['--agents', ''], '--agents must be names'],
    [['--agents', ','], '--agents must be names'],
    [['--agents', 'a/b'], '--agents has "a/b"; a name is'],
    [['--agents', '../x'], '--agents has "../x"'],
    [['--agents', 'a b'], '--agents has "a b"'],
    [['--agents', 'a\nb'], '--agents has "a\\nb"'],
    [['--agents', 'x'.repeat(33)], '--agents has "xxx'],
    [['--agents', 'atlas,ATLAS'], 'a name twice'],
    [['--agents', 'Example'], '.env.example explains the variables'],
    [['--agents', Array.from({ length: 51 }, (_, at) => `a${at}`).join()], 'at most 50 names'],
    [['--frob'], "Unknown option '--frob' (see --help)"],
    [['atlas'], 'init takes options only'],
  ])('is refused in one sentence: %j', (args, sentence) => {
    using folder = openFolder()
    const { code, out, err } = folder.init(...args)
    expect({ code, out, list: folder.list() }).toEqual({ code: 1, out: '', list: [] })
    expect(err).toContain(sentence)
    expect(err.indexOf('\n')).toBe(err.length - 1)
  })

  test('says in its help where the secrets are', () => {
    expect(runInitCommand(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('No secret is printed') })
  })
})
