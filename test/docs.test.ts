import * as fs from 'node:fs'
import { AGENT_VARIABLES } from '@ai-comms/agent'
import { HUB_VARIABLES, readConfig } from '@ai-comms/hub'
import {
  AGENT_FRAME_TYPES,
  CLOSE_CODES,
  ENVELOPE_REFUSALS,
  ERROR_CODES,
  HUB_FRAME_TYPES,
  INTENTS,
  isSecretVariable,
  LIMITS,
  mayBeAnswered,
  SCOPES,
  TASK_MOVES,
  TASK_STATES,
  toErrorRow,
  toFileVariable,
  toReconnect,
} from '@ai-comms/shared'
import { describe, expect, test } from 'vitest'
import { readExamples, readTable } from './docs/markdown.ts'
import { describeExample } from './docs/read-example.ts'

const read = (path: string) => fs.readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const protocol = read('shared/PROTOCOL.md')
const hubReadme = read('hub/README.md')

const sorted = (words: Iterable<string>) => [...words].sort()
const columnOf = (rows: readonly (readonly string[])[], at: number) => rows.map((row) => row[at] ?? '')

describe('the protocol’s text', () => {
  test('has every error code, with its HTTP status and whether to try again, and no other', () => {
    const documented = readTable(protocol, 'Errors').map(([code, status, retry]) => [code, Number(status), retry])
    const expected = ERROR_CODES.map((code) => [
      code,
      toErrorRow(code).status,
      toErrorRow(code).retryable ? 'yes' : 'no',
    ])
    expect(documented).toEqual(expected)
  })

  test('has every close code, with what a client should do, and no other', () => {
    const documented = readTable(protocol, 'Close codes').map(([code, client]) => [Number(code), client])
    const expected = Object.values(CLOSE_CODES).map(({ code }) => [code, toReconnect(code).replace('-', ' ')])
    expect(documented).toEqual(expected)
  })

  test('has every frame type with its sender, and no other', () => {
    const rows = readTable(protocol, 'Frames')
    const sentBy = (sender: string) => rows.filter((row) => row[1]?.includes(sender)).map(([type]) => type ?? '')
    expect(sorted(sentBy('agent'))).toEqual(sorted(['register', ...AGENT_FRAME_TYPES]))
    expect(sorted(sentBy('hub'))).toEqual(sorted(HUB_FRAME_TYPES))
    expect(new Set(columnOf(rows, 0)).size).toBe(rows.length)
  })

  test('has every limit with its value, and no other', () => {
    const toText = (value: number) => new Intl.NumberFormat('en').format(value).replaceAll(',', ' ')
    const expected = Object.entries(LIMITS).map(([name, value]) => [name, [value].flat().map(toText).join(', ')])
    expect(readTable(protocol, 'Limits').map(([name, value]) => [name, value])).toEqual(expected)
  })

  test('has every intent and every refusal of the envelope, and no other', () => {
    const [intents, refusals] = [readTable(protocol, 'Agent envelope', 0), readTable(protocol, 'Agent envelope', 1)]
    const expected = INTENTS.map((intent) => [intent, mayBeAnswered(intent) ? 'yes' : 'never'])
    expect(intents).toEqual(expected)
    expect(columnOf(refusals, 0)).toEqual(ENVELOPE_REFUSALS)
  })

  test('has every scope of a token, and no other', () => {
    expect(columnOf(readTable(protocol, 'Tokens'), 0)).toEqual(SCOPES)
  })

  test('has every state of a task with its moves, and no other', () => {
    const documented = readTable(protocol, 'Durable tasks').map(([state, moves = '']) => [
      state,
      moves === '' ? [] : moves.split(', '),
    ])
    expect(documented).toEqual(TASK_STATES.map((state) => [state, TASK_MOVES[state]]))
  })

  test('shows each frame in an example that its schema reads, and no example that nothing reads', () => {
    const kinds = readExamples(protocol).map(describeExample)
    for (const type of ['register', ...AGENT_FRAME_TYPES]) expect(kinds).toContain(`agent: ${type}`)
    for (const type of HUB_FRAME_TYPES) expect(kinds).toContain(`hub: ${type}`)
    for (const kind of ['health', 'agents', 'task answer', 'broadcast', 'problem', 'task view', 'envelope']) {
      expect(kinds).toContain(kind)
    }
  })
})

describe('the variables', () => {
  const example = read('.env.example')
  const assignments = [...example.matchAll(/^#?([A-Z][A-Z0-9_]*)=(.*)$/gm)]

  test('of hub and agent all stand in .env.example once, and nothing else does', () => {
    const names = assignments.map(([, name = '']) => name)
    expect(sorted(names)).toEqual(sorted(new Set([...HUB_VARIABLES, ...AGENT_VARIABLES])))
  })

  test('of the hub all stand in its README, and nothing else does', () => {
    expect(columnOf(readTable(hubReadme, 'Variables'), 0)).toEqual(HUB_VARIABLES)
  })

  test('of the hub have the defaults that its README says', () => {
    const bare = readConfig({})
    for (const [name = '', value = ''] of readTable(hubReadme, 'Variables')) {
      const isSpoken = value === '' || value.includes(' ') || value === 'none'
      if (!isSpoken) expect(readConfig({ [name]: value }), name).toEqual(bare)
    }
  })

  test('of the hub have the defaults that .env.example shows, where it names no other', () => {
    const bare = readConfig({})
    const lines = example.split('\n')
    for (const [line, name = '', value = ''] of assignments) {
      const comment = lines[lines.indexOf(line) - 1] ?? ''
      if (!HUB_VARIABLES.includes(name) || value === '' || /\(default|no default|production/.test(comment)) continue
      expect(readConfig({ [name]: value }), name).toEqual(bare)
    }
  })
})

describe('the files of secrets', () => {
  const comment =
    /^# Secrets may stand in files[\s\S]*?(?=\n(?!# ))/m.exec(read('.env.example'))?.[0].replaceAll('\n# ', ' ') ?? ''

  test('have names by a rule that .env.example tells once, and that holds for every variable', () => {
    const [, words = ''] = /name ends in ([A-Z, or]+), or in one of these and _PREVIOUS/.exec(comment) ?? []
    const ending = new RegExp(`(?:${words.split(/, | or /).join('|')})(?:_PREVIOUS)?$`)
    const variables = [...HUB_VARIABLES, ...AGENT_VARIABLES]
    expect(variables.filter((name) => ending.test(name))).toEqual(variables.filter(isSecretVariable))
    expect(variables.filter(isSecretVariable).length).toBeGreaterThan(20)
  })

  test('are taken by the hub for each of its secrets, and for nothing else', () => {
    const isTaken = (name: string) => {
      const result = readConfig({ HUB_SECRET: 'x', [name]: '', [toFileVariable(name)]: '/nowhere' }, fs)
      return !result.ok && result.mistakes.some((mistake) => mistake.includes(toFileVariable(name)))
    }
    expect(HUB_VARIABLES.filter(isTaken)).toEqual(HUB_VARIABLES.filter(isSecretVariable))
  })
})

test('the hub’s README knows every close code, and every code and variable that it names', () => {
  for (const { code } of Object.values(CLOSE_CODES)) expect(hubReadme).toContain(String(code))
  const named = [...hubReadme.matchAll(/`(HUB_[A-Z_]+|TLS_[A-Z_]+)/g)].map(([, name = '']) => name)
  const files = HUB_VARIABLES.filter(isSecretVariable).map(toFileVariable)
  expect(named.filter((name) => ![...HUB_VARIABLES, ...files, 'HUB_SECRTE'].includes(name))).toEqual([])
})

test('every promise of the README names a test that there is', () => {
  const rows = readTable(read('README.md'), 'What each message is worth')
  expect(rows.length).toBeGreaterThan(10)
  for (const [message = '', , proof = ''] of rows) {
    const [, file = '', title = ''] = /^(\S+\.test\.ts): (.+)$/.exec(proof) ?? []
    expect(read(file), message).toContain(`'${title}'`)
  }
})
