import { appendFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AuditTrail } from './adapters/audit/audit-trail.ts'
import { startAgentProcess } from './test-support/agent-process.ts'
import { FakeClock } from './test-support/fake-clock.ts'
import { useFolder } from './test-support/folder.ts'

const run = async (folder: { readonly path: string }, ...args: string[]) => {
  await using agent = startAgentProcess(folder, { DATA_DIR: 'mine' }, ['audit', ...args])
  const code = await agent.exited
  return { code, out: agent.stdout, err: agent.stderr }
}

describe('audit verify', () => {
  it('says that a chain is whole, where it is broken, and needs nothing but the folder', async () => {
    using folder = useFolder()
    const dataDir = join(folder.path, 'mine')
    expect(await run(folder, 'verify')).toEqual({
      code: 0,
      out: 'There is no audit trail in mine/logs yet.\n',
      err: '',
    })
    expect(readdirSync(folder.path)).toEqual([])
    const trail = new AuditTrail({ dataDir, clock: new FakeClock(), observe: () => {} })
    for (let count = 0; count < 3; count++) trail.append({ at: 0, type: 'login', facts: { count } })
    await trail.close()
    const whole = await run(folder, 'verify')
    expect(whole).toMatchObject({ code: 0, err: '' })
    expect(whole.out).toMatch(
      /^The chain is whole: 3 lines, 1 to 3, in 1 file of mine\/logs\.\nLast hash: [0-9a-f]{64}\n$/,
    )
    const [file = ''] = readdirSync(join(dataDir, 'logs'))
    appendFileSync(join(dataDir, 'logs', file), '{"type":"login"}\n')
    expect(await run(folder, 'verify')).toEqual({
      code: 1,
      out: `The chain is broken: line 4 of mine/logs/${file} is no line of the trail.\n`,
      err: '',
    })
  })

  it.each([[[]], [['verify', 'it']], [['tail']]])('is not %j', async (args) => {
    using folder = useFolder()
    expect(await run(folder, ...args)).toEqual({
      code: 1,
      out: '',
      err: 'audit takes one word: pnpm agent audit verify (see --help).\n',
    })
  })
})
