import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readDockerIgnore } from '../helpers/docker-ignore.ts'
import { lintDockerfile, readDockerfile } from '../helpers/dockerfile.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string) => readFileSync(`${ROOT}${path}`, 'utf8')
const pathOf = (name: string) => `deploy/${name}.Dockerfile`

describe.each(['hub', 'agent'])('the Dockerfile of the %s', (name) => {
  const stages = readDockerfile(`${ROOT}${pathOf(name)}`)
  const all = stages.flatMap(({ instructions }) => instructions)

  test('pleases the linter', () => {
    expect(lintDockerfile(read(pathOf(name)))).toEqual([])
  })

  test('is built on the Node that everything is tested with', () => {
    const [major] = String(parse(read('pnpm-workspace.yaml').replace(/\t/g, ' ')).catalog.node).split('.')
    expect(stages.map(({ from }) => from)).toEqual(Array(2).fill(`node:${major}-slim`))
  })

  test('copies before it installs only what decides what is installed, so that a change of code keeps the rest', () => {
    const copies = stages[0]?.instructions.filter((instruction) => instruction.name === 'COPY').map(({ text }) => text)
    for (const text of copies ?? []) expect(text).toMatch(/^(?:\S*(?:package\.json|pnpm-[a-z]+\.yaml) )+/)
  })

  test('fetches nothing but packages, and ends as a user without rights', () => {
    for (const { name: instruction, text } of all) {
      expect(instruction).not.toBe('ADD')
      expect(text).not.toMatch(/curl|wget|apt-get|sudo|--unsafe|chmod 777/)
    }
    const last = stages.at(-1)?.instructions ?? []
    expect(last.findLast((instruction) => instruction.name === 'USER')?.text).toBe('node')
    expect(last).toContainEqual({ name: 'STOPSIGNAL', text: 'SIGTERM' })
    const users = last.findIndex((instruction) => instruction.name === 'USER')
    expect(last.slice(users).some((instruction) => ['RUN', 'COPY'].includes(instruction.name))).toBe(false)
  })
})

test('the linter is not blind', () => {
  expect(lintDockerfile('FROM node AS 1x\nCPY a b\nHEALTHCHECK --interval=5q CMD true\n')).toHaveLength(3)
})

describe('.dockerignore', () => {
  const isSent = readDockerIgnore(read('.dockerignore'))

  test('lets no secret, no data, no history and nothing installed here into a layer', () => {
    const kept = [
      '.env',
      '.env.atlas',
      '.env.example',
      'deploy/.env',
      'deploy/src/.env',
      'hub/.env.hub',
      'agent/src/.env.nova',
      'agent/src/deep/er/.env',
      '.git/config',
      '.npmrc',
      'hub/.npmrc',
      'data/tokens.sqlite',
      'data/atlas/agent.sqlite',
      'hub/data/hub.sqlite',
      'agent/src/data/agent.sqlite',
      'logs/audit-1.jsonl',
      'agent/logs/audit-1.jsonl',
      'hub/debug.log',
      'node_modules/ws/index.js',
      'hub/node_modules/ws/index.js',
      'test/process/fixtures/test-only-key.pem',
      'auth_info/creds.json',
      'id_ed25519',
      'hub.sqlite',
    ]
    expect(kept.filter(isSent)).toEqual([])
  })

  test('lets in the code of hub and agents, and of what is in git nothing else', () => {
    const files = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n')
    const sent = files.filter(isSent)
    for (const path of ['package.json', 'hub/src/main.ts', 'agent/src/core/agent.ts', 'shared/package.json']) {
      expect(sent).toContain(path)
    }
    const strange = sent.filter(
      (path) =>
        !/^(?:(?:shared|hub|agent|deploy)\/(?:src\/.*\.(?:ts|json)|package\.json)|(?:package|pnpm)[a-z-]*\.(?:json|yaml))$/.test(
          path,
        ),
    )
    expect(strange).toEqual([])
    expect(sent.filter((path) => path.includes('test'))).toEqual([])
  })

  test('is read as Docker reads it', () => {
    const reads = (text: string, path: string) => readDockerIgnore(text)(path)
    expect(reads('*/temp*', 'a/temporary.txt')).toBe(false)
    expect(reads('*/temp*', 'a/b/temporary.txt')).toBe(true)
    expect(reads('temp?', 'tempa')).toBe(false)
    expect(reads('temp?', 'a/tempa')).toBe(true)
    expect(reads('**/*.go', 'a/b/c.go')).toBe(false)
    expect(reads('**/*.go', 'c.go')).toBe(false)
    expect(reads('*.md\n!README*.md\nREADME-secret.md', 'README.md')).toBe(true)
    expect(reads('*.md\n!README*.md\nREADME-secret.md', 'README-secret.md')).toBe(false)
    expect(reads('*.md\nREADME-secret.md\n!README*.md', 'README-secret.md')).toBe(true)
    expect(reads('# a\n\n/data/', 'data/x/y')).toBe(false)
    expect(reads('*\n!hub', 'hub/src/main.ts')).toBe(true)
  })
})
