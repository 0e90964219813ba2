import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readTable } from '../docs/markdown.ts'
import { endWithMe } from '../helpers/end-with-me.ts'
import { startHubProcess } from '../helpers/hub-process.ts'
import { type ReadmeStep, readSteps, toShownPattern } from '../helpers/readme-steps.ts'
import { openRehearsal, type Rehearsal } from '../helpers/rehearsal.ts'
import { within } from '../helpers/within.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const README = readFileSync(join(ROOT, 'deploy/README.md'), 'utf8')
const STEPS = readSteps(README)
const PLACES = /^(?:vps|vps, install|vps, update|home|home, stays until ".+"|env|not run: .+)$/
const WALK_MS_MAX = 240_000
const START_MS_MAX = 30_000
/** A token as the page shows it. */
const TOKEN = 'eyJ…'

test('every block of commands or of variables says where it is carried out', () => {
  const astray = STEPS.filter(({ language, where }) => !/^(?:sh|ini)$/.test(language) || !PLACES.test(where))
  expect(astray).toEqual([])
  expect(STEPS.filter(({ where }) => /^(?:vps|home)/.test(where)).length).toBeGreaterThan(25)
})

const perform = async (stage: Rehearsal, { where, body }: ReadmeStep, token: string): Promise<string> => {
  const block = body.replaceAll(TOKEN, token)
  const [, word] = /stays until "(.+)"/.exec(where) ?? []
  if (word !== undefined) {
    await stage.keepAtHome(block, word)
    return ''
  }
  if (where === 'vps, update') await stage.changeVps()
  const act = where === 'home' ? stage.atHome : where === 'vps' ? stage.onVps : stage.intoVps
  const { code, out } = await act(block)
  if (code !== 0) throw new Error(`Ended with ${code}: ${block}\n${out}`)
  return out.trim()
}

test('whoever follows the page from its first line to its last sees what it shows', {
  timeout: WALK_MS_MAX,
}, async () => {
  await using stage = await openRehearsal()
  let [section, token] = ['', '']
  for (const step of STEPS.filter(({ where }) => /^(?:vps|home)/.test(where))) {
    if (step.section !== section) await stage.clearHome()
    section = step.section
    const out = await perform(stage, step, token)
    if (step.shown !== undefined) expect.soft(out, step.body).toMatch(toShownPattern(step.shown))
    token = /^eyJ\S+$/m.exec(out)?.[0] ?? token
  }
})

describe('what is not run', () => {
  test.each(STEPS.filter(({ where }) => where.startsWith('not run')))(
    'is read by the shell, and names files that are there: $body',
    ({ body }) => {
      execFileSync('bash', ['-n', '-c', body])
      const paths = [...body.matchAll(/(?<=\s)(?:deploy|hub|agent|shared)\/[\w./-]+/g)].map(([path]) => path)
      for (const path of paths) expect(path === 'deploy/.env' || existsSync(join(ROOT, path)), path).toBe(true)
    },
  )

  test('are only things for which there is no engine or no internet here', () => {
    for (const { body } of STEPS.filter(({ where }) => where.startsWith('not run'))) {
      for (const line of body.replaceAll('\\\n', '').trim().split('\n')) {
        expect(line).toMatch(
          /^(?:docker compose |pnpm hub init|echo DOMAIN=|curl -s http:\/\/127\.0\.0\.1:9091|apt-get |git clone |certbot )/,
        )
      }
    }
  })
})

describe('the example', () => {
  const examples = STEPS.filter(({ where }) => where === 'env').map(({ body }) => ({
    name: /^# (\S+)/.exec(body)?.[1] ?? '',
    body,
  }))

  test.each(examples)('$name starts as it is written, and comes online', async ({ body }) => {
    await using hub = await startHubProcess()
    const folder = await mkdtemp(join(tmpdir(), 'example-'))
    const values: Record<string, string> = { HUB_SECRET: hub.secret }
    const text = body.replace(
      /<(\w+) of \.env>/g,
      (_all, name: string) => values[name] ?? randomBytes(32).toString('hex'),
    )
    await writeFile(join(folder, '.env.example-of-readme'), text)
    const agent = spawn(process.execPath, [join(ROOT, 'agent/src/main.ts'), '--env-file', '.env.example-of-readme'], {
      cwd: folder,
      env: { PATH: process.env['PATH'], AGENT_HUB_URL: hub.url, HEALTH_PORT: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    endWithMe(agent)
    let [log, errors] = ['', '']
    agent.stderr.on('data', (chunk) => {
      errors += String(chunk)
    })
    const online = async () => {
      for await (const chunk of agent.stdout) {
        log += String(chunk)
        if (log.includes('online at the hub')) return
      }
      throw new Error(errors)
    }
    await within(online(), 'the agent online', START_MS_MAX)
    expect(errors).toBe('')
    const [, name] = /^AGENT_NAME=(.+)$/m.exec(body) ?? []
    expect((await hub.call('GET', '/agents')).text).toContain(`"name":"${name}"`)
    const ended = once(agent, 'close')
    agent.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    await rm(folder, { recursive: true })
  })
})

test('the sizes are those of the bench', () => {
  const results = readFileSync(join(ROOT, 'test/bench/results.md'), 'utf8')
  for (const [question = '', measured = ''] of readTable(README, 'Sizing')) {
    const [figure = ''] = /^[\d .]*\d/.exec(measured) ?? []
    expect(results, question).toMatch(new RegExp(`\\| +${figure.replace('.', '\\.')} \\|`))
  }
})
