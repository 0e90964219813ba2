import { describe, expect, test } from 'vitest'
import { TokenFolder } from './test-support/token-folder.ts'
import { runTokenCommand } from './token-command.ts'

const NOW = Date.UTC(2026, 0, 1, 12)

/** Runs the command in a folder of its own, as the process would. */
const openCommand = () => {
  const folder = new TokenFolder()
  const readEnvironment = () => ({ HUB_DATA_DIR: folder.path })
  const run = (...args: string[]) => runTokenCommand(args, { readEnvironment, now: NOW })
  return Object.assign(run, { folder, [Symbol.dispose]: () => folder[Symbol.dispose]() })
}

describe('token issue', () => {
  test('prints the token alone, and beside it what a person should know', async () => {
    using run = openCommand()
    const { code, out, err } = await run('issue', '--name', 'Ａtlas', '--scope', 'agent', '--ttl', '12h')
    const [record] = run.folder.book.list()
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]{86}\n$/) })
    expect(err).toBe(
      `Token ${record?.jti} for Atlas: agent, until 2026-01-02 00:00 UTC.\n` +
        `Keep it like a password; it cannot be shown again. To end it: pnpm hub token revoke ${record?.jti}\n`,
    )
    expect(record).toMatchObject({ name: 'Atlas', scopes: ['agent'], expiresAt: NOW + 12 * 3_600_000 })
  })

  test('takes scopes in a list and one by one, each once, and 90 days when nothing is said', async () => {
    using run = openCommand()
    await run('issue', '--name', 'ops@example.com', '--scope', 'tasks:write, tasks:read', '--scope', 'tasks:read')
    const [record] = run.folder.book.list()
    expect(record).toMatchObject({ scopes: ['tasks:read', 'tasks:write'], expiresAt: NOW + 90 * 86_400_000 })
  })

  test.each([
    [['--scope', 'agent'], '--name is missing'],
    [['--name', 'a'], '--scope must be one or more of agent, tasks:read, tasks:write, admin'],
    [['--name', 'a', '--scope', 'root'], '--scope must be one or more of'],
    [['--name', 'a', '--scope', 'agent,'], '--scope must be one or more of'],
    [['--name', 'a@b', '--scope', 'agent'], '--name must be 1 to 64 characters: a letter'],
    [['--name', '', '--scope', 'admin'], '--name must be 1 to 64 characters on one line'],
    [['--name', 'a\nb', '--scope', 'admin'], '--name must be 1 to 64 characters on one line'],
    [['--name', 'x'.repeat(65), '--scope', 'admin'], '--name must be 1 to 64 characters on one line'],
    ...['90', '0d', '500ms', '3651d', '1.5h', 'soon', ''].map((ttl) => [
      ['--name', 'a', '--scope', 'agent', '--ttl', ttl],
      '--ttl must be a time with its unit',
    ]),
    [['--name', 'a', '--scope', 'agent', '--frob'], "Unknown option '--frob'; there are --name"],
    [['--name', 'a', '--scope', 'agent', '--json'], 'issue does not take --json; it takes --name'],
    [['a', '--name', 'a', '--scope', 'agent'], 'issue takes options only'],
    [['--name', 'a', '--scope', 'agent', '--data-dir', ':memory:'], 'Tokens need a data folder'],
  ] as [string[], string][])('%j is refused in one sentence: %s', async (args, sentence) => {
    using run = openCommand()
    const { code, out, err } = await run('issue', ...args)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain(sentence)
    expect(err.indexOf('\n')).toBe(err.length - 1)
    expect(run.folder.book.list()).toEqual([])
  })
})

describe('token list', () => {
  test('shows each token with its state, as a table and as JSON, and never the token', async () => {
    using run = openCommand()
    const order = { name: 'atlas', scopes: ['agent'], ttlMs: 86_400_000 } as const
    const issued = [
      await run.folder.book.issue(order, NOW - 86_400_000),
      await run.folder.book.issue(order, NOW - 2_000),
      await run.folder.book.issue({ ...order, name: 'nova', scopes: ['tasks:read', 'tasks:write'] }, NOW - 1_000),
    ]
    run.folder.book.revoke({ name: 'nova' }, NOW)
    const { out } = await run('list')
    const rows = out
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/))
    expect(rows).toEqual([
      ['JTI', 'NAME', 'SCOPE', 'ISSUED (UTC)', 'EXPIRES (UTC)', 'STATE'],
      [issued[0]?.jti, 'atlas', 'agent', '2025-12-31 12:00', '2026-01-01 12:00', 'expired'],
      [issued[1]?.jti, 'atlas', 'agent', '2026-01-01 11:59', '2026-01-02 11:59', 'active'],
      [issued[2]?.jti, 'nova', 'tasks:read,tasks:write', '2026-01-01 11:59', '2026-01-02 11:59', 'revoked'],
    ])
    const json = await run('list', '--json')
    expect(JSON.parse(json.out)).toMatchObject([
      { jti: issued[0]?.jti, state: 'expired', scopes: ['agent'], expiresAt: '2026-01-01T12:00:00.000Z' },
      { state: 'active' },
      { state: 'revoked', revokedAt: '2026-01-01T12:00:00.000Z' },
    ])
    for (const { token } of issued) expect(out + json.out).not.toContain(token.split('.')[2])
  })

  test('of nothing says so, and as JSON is empty', async () => {
    using run = openCommand()
    expect(await run('list')).toEqual({ code: 0, out: '', err: 'No tokens have been issued.\n' })
    expect(await run('list', '--json')).toEqual({ code: 0, out: '[]\n', err: '' })
  })
})

describe('token revoke', () => {
  test('ends one token or all of a name; again it says that it was so already', async () => {
    using run = openCommand()
    const order = { scopes: ['agent'], ttlMs: 86_400_000 } as const
    const { jti } = await run.folder.book.issue({ ...order, name: 'atlas' }, NOW)
    const other = await run.folder.book.issue({ ...order, name: 'atlas' }, NOW + 1_000)
    const notice = 'A running hub notices within about a second.\n'
    expect(await run('revoke', jti)).toEqual({ code: 0, out: `Revoked ${jti} (atlas).\n`, err: notice })
    expect(await run('revoke', jti)).toEqual({ code: 0, out: `${jti} (atlas) was revoked already.\n`, err: '' })
    const all = await run('revoke', '--name', 'ａtlas')
    expect(all.out).toBe(`${jti} (atlas) was revoked already.\nRevoked ${other.jti} (atlas).\n`)
  })

  test.each([
    [[], 'revoke takes one JTI'],
    [['one', 'two'], 'revoke takes one JTI'],
    [['one', '--name', 'atlas'], 'revoke takes one JTI'],
    [['one'], 'There is no token with the JTI one'],
    [['--name', 'atlas'], 'There is no token of the name atlas'],
  ])('%j is refused: %s', async (args, sentence) => {
    using run = openCommand()
    expect(await run('revoke', ...args)).toEqual({ code: 1, out: '', err: expect.stringContaining(sentence) })
  })
})

test('help is told for every verb, and nothing is no verb', async () => {
  using run = openCommand()
  for (const args of [['--help'], ['issue', '-h'], ['list', '--help'], ['revoke', '--help']]) {
    expect(await run(...args)).toMatchObject({ code: 0, out: expect.stringContaining('--ttl TIME') })
  }
  for (const args of [[], ['frob'], ['constructor']]) {
    expect(await run(...args)).toMatchObject({ code: 1, err: expect.stringContaining('issue, list or revoke') })
  }
})
