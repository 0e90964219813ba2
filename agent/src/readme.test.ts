import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { HUB_VARIABLES } from '@ai-comms/shared'
import { describe, expect, it } from 'vitest'
import { PROVIDER_NAMES } from './adapters/providers/catalog.ts'
import { AGENT_VARIABLES } from './config.ts'
import { startScriptedHub } from './test-support/scripted-hub.ts'

const PACKAGE = fileURLToPath(new URL('..', import.meta.url))
const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const EXAMPLE = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8')

describe('the README', () => {
  it('shows an agent of ten lines that really answers, and ends when it is told to', async () => {
    const snippet = /```ts\n(?<code>.*?)```/s.exec(README)?.groups?.['code'] ?? ''
    expect(snippet.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(10)
    await using hub = await startScriptedHub()
    const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', snippet], {
      cwd: PACKAGE,
      env: { PATH: process.env['PATH'], AGENT_HUB_URL: hub.url, AGENT_HUB_SECRET: 's3' },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    const ended = once(child, 'exit')
    const side = await hub.connection()
    expect(await side.next()).toMatchObject({ name: 'Weather', skills: ['weather'], secret: 's3' })
    side.welcome()
    side.task('t1', 'Lisbon')
    expect(await side.until('task-response')).toMatchObject({ response: 'Dear tester, it is always sunny in Lisbon.' })
    child.kill('SIGTERM')
    expect(await side.closed).toMatchObject({ code: 1000 })
    expect(await ended).toEqual([0, null])
  })

  it('names every provider and every variable of the agent that is used', () => {
    for (const name of PROVIDER_NAMES) expect(README).toContain(`\`${name}\``)
    const own = AGENT_VARIABLES.filter((name) =>
      /^(?:AGENT|AI|HEALTH|DATA|PLATFORM|ADMIN|SECURITY_(?:ENABLE|ALLOW|BLOCK|MAX|RATE))/.test(name),
    )
    for (const name of own) expect(README).toContain(`\`${name}\``)
  })
})

describe('the table of faults', () => {
  const rows = [...README.matchAll(/^\|.*\| `(?<file>[^`]+\.test\.ts)`: (?<title>.+) \|$/gm)].map(
    ({ groups }) => groups,
  )

  it('names for each row a test that there is', () => {
    expect(rows.length).toBeGreaterThan(15)
    for (const row of rows) {
      const file = row?.['file'] ?? ''
      expect(readFileSync(new URL(file, import.meta.url), 'utf8'), file).toContain(`'${row?.['title']}'`)
    }
  })
})

describe('.env.example', () => {
  const lines = EXAMPLE.split('\n')
  const named = lines.flatMap((line) => /^#?(?<name>[A-Z][A-Z0-9_]*)=/.exec(line)?.groups?.['name'] ?? [])

  it('lists every variable of hub and agent once, and nothing else', () => {
    expect([...named].sort()).toEqual([...AGENT_VARIABLES, ...HUB_VARIABLES].sort())
  })

  it('leaves everything optional commented out', () => {
    expect(lines.filter((line) => /^[A-Z]/.test(line))).toEqual(['AGENT_HUB_URL=http://localhost:8090'])
  })
})
