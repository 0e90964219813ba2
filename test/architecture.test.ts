import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { importsAreNoCircle } from './architecture/cycle-rule.ts'
import {
  coreKnowsOnlyShared,
  coreLayersPointInward,
  groundKnowsNobody,
  importsAreReadable,
  onlyTheAppComposes,
  packagesPointOneWay,
  packagesStayAtHome,
  productionKnowsNoTests,
  type Rule,
  roomsDoNotKnowEachOther,
  sharedIsPure,
} from './architecture/import-rules.ts'
import { readSource, type Source } from './architecture/source.ts'
import {
  environmentHasOneReader,
  nobodyUsesTheConsole,
  timeHasOneSource,
  timersStandAtTheEdge,
} from './architecture/word-rules.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

const readWorkspace = (): Source[] =>
  globSync(['{shared,hub,agent,deploy}/src/**/*.ts', 'test/**/*.ts'], { cwd: ROOT, exclude: ['**/node_modules/**'] })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => readSource(path, readFileSync(`${ROOT}/${path}`, 'utf8')))

const workspace = readWorkspace()
/** Begins a hole of a planted template. */
const HOLE = '$'

test('the workspace is really read', () => {
  const paths = workspace.map(({ path }) => path)
  expect(paths).toContain('hub/src/core/hub.ts')
  expect(paths).toContain('agent/src/core/agent.ts')
  expect(paths).toContain('shared/src/index.ts')
  const app = workspace.find(({ path }) => path === 'hub/src/app.ts')
  expect(app?.imports.map(({ specifier }) => specifier)).toContain('./core/hub.ts')
})

/** A rule, and files that break it: path and text, then the violation that must be named. */
interface Bite {
  readonly rule: Rule
  readonly planted: { readonly [path: string]: string }
  readonly named: string
}

const bites: { readonly [sentence: string]: Bite } = {
  'the hub does not know the agent': {
    rule: packagesPointOneWay,
    planted: { 'hub/src/core/hub.ts': `import type { Agent } from '@ai-comms/agent'` },
    named: 'hub/src/core/hub.ts:1 imports @ai-comms/agent: hub may not import agent',
  },
  'the agent does not know the hub, not even in a test': {
    rule: packagesPointOneWay,
    planted: { 'agent/src/a.test.ts': `\nimport { buildHub } from '@ai-comms/hub'` },
    named: 'agent/src/a.test.ts:2 imports @ai-comms/hub: agent may not import hub',
  },
  'shared knows nobody': {
    rule: packagesPointOneWay,
    planted: { 'shared/src/a.ts': `export * from '@ai-comms/hub'` },
    named: 'shared/src/a.ts:1 imports @ai-comms/hub: shared may not import hub',
  },
  'a package is entered by its door': {
    rule: packagesPointOneWay,
    planted: { 'test/a.ts': `import { Hub } from '@ai-comms/hub/src/core/hub.ts'` },
    named: 'a package is entered by its door, not by a path inside',
  },
  'no path leads into another package': {
    rule: packagesPointOneWay,
    planted: { 'hub/src/a.ts': `import { x } from '../../shared/src/index.ts'` },
    named: 'another package is entered by its name, not by a path',
  },
  'what is imported can be read': {
    rule: importsAreReadable,
    planted: { 'hub/src/a.ts': `const x = await import(\`./${HOLE}{name}.ts\`)` },
    named: 'hub/src/a.ts:1 computes what it imports',
  },
  'relative imports carry their ending': {
    rule: importsAreReadable,
    planted: { 'hub/src/a.ts': `import { b } from './b'` },
    named: 'a relative import ends in .ts or .json',
  },
  'a core does not import Node': {
    rule: coreKnowsOnlyShared,
    planted: { 'hub/src/core/task.ts': `import { randomUUID } from 'node:crypto'` },
    named: 'hub/src/core/task.ts:1 imports node:crypto',
  },
  'a core does not import an adapter, not even its types': {
    rule: coreKnowsOnlyShared,
    planted: { 'agent/src/core/a.ts': `type L = import('../adapters/hub/hub-link.ts').HubLink` },
    named: 'agent/src/core/a.ts:1 imports ../adapters/hub/hub-link.ts',
  },
  'an adapter does not know its sibling': {
    rule: roomsDoNotKnowEachOther,
    planted: { 'hub/src/adapters/ws/a.ts': `export { sendProblem } from '../http/problem.ts'` },
    named: 'an adapter does not know its siblings',
  },
  'an adapter does not know its app': {
    rule: roomsDoNotKnowEachOther,
    planted: { 'hub/src/adapters/ws/a.ts': `import type { Config } from '../../config.ts'` },
    named: 'an adapter does not know its app',
  },
  'what adapters stand on does not know them': {
    rule: groundKnowsNobody,
    planted: { 'agent/src/sqlite/a.ts': `import { Inbox } from '../adapters/whatsapp/inbox.ts'` },
    named: 'agent/src/sqlite/a.ts:1 imports ../adapters/whatsapp/inbox.ts: the ground knows nothing of agents',
  },
  'nor what agents are': {
    rule: groundKnowsNobody,
    planted: { 'agent/src/sqlite/a.ts': `import type { InboundMessage } from '../core/message.ts'` },
    named: 'the ground knows nothing of agents',
  },
  'shared does no input or output': {
    rule: sharedIsPure,
    planted: { 'shared/src/env.ts': `import { readFileSync } from 'node:fs'` },
    named: 'shared/src/env.ts:1 imports node:fs',
  },
  'production does not lean on tests': {
    rule: productionKnowsNoTests,
    planted: { 'hub/src/app.ts': `import { FakeClock } from './test-support/fake-clock.ts'` },
    named: 'this only serves tests',
  },
  'only the app composes': {
    rule: onlyTheAppComposes,
    planted: { 'hub/src/config.ts': `import { every } from './adapters/system/every.ts'` },
    named: 'hub/src/config.ts:1 imports ./adapters/system/every.ts: only the app composes',
  },
  'data do not know the ports': {
    rule: coreLayersPointInward,
    planted: { 'hub/src/core/task.ts': `import type { Clock } from './ports.ts'` },
    named: 'data does not know a port',
  },
  'a port does not know a rule': {
    rule: coreLayersPointInward,
    planted: { 'hub/src/core/ports.ts': `import type { Registry } from './registry.ts'` },
    named: 'a port does not know a rule',
  },
  'a rule does not know the hall': {
    rule: coreLayersPointInward,
    planted: { 'hub/src/core/router.ts': `import { Hub } from './hub.ts'` },
    named: 'a rule does not know the hall',
  },
  'ws stays in its adapters': {
    rule: packagesStayAtHome,
    planted: { 'hub/src/adapters/http/a.ts': `import { WebSocket } from 'ws'` },
    named: 'hub/src/adapters/http/a.ts:1 imports ws',
  },
  'fastify stays in its adapters': {
    rule: packagesStayAtHome,
    planted: { 'hub/src/main.ts': `import type { FastifyInstance } from 'fastify'` },
    named: 'hub/src/main.ts:1 imports fastify',
  },
  'two files do not import each other, by types either': {
    rule: importsAreNoCircle,
    planted: {
      'hub/src/core/a.ts': `import type { B } from './b.ts'`,
      'hub/src/core/b.ts': `import { c } from './c.ts'`,
      'hub/src/core/c.ts': `export { a } from './a.ts'`,
    },
    named: 'hub/src/core/a.ts → hub/src/core/b.ts → hub/src/core/c.ts → hub/src/core/a.ts',
  },
  'a circle through a door is one too': {
    rule: importsAreNoCircle,
    planted: {
      'hub/src/index.ts': `export { a } from './a.ts'`,
      'hub/src/a.ts': `import { b } from '@ai-comms/hub'`,
    },
    named: 'hub/src/a.ts → hub/src/index.ts → hub/src/a.ts',
  },
  'the environment is read in main.ts': {
    rule: environmentHasOneReader,
    planted: { 'hub/src/config.ts': `/* process.env */ const s = 'process.env'\nconst port = process.env['PORT']` },
    named: 'hub/src/config.ts:2 says process.env',
  },
  'the time is read in adapters/system': {
    rule: timeHasOneSource,
    planted: { 'hub/src/core/hub.ts': `const text = \`at ${HOLE}{Date.now()}\`` },
    named: 'hub/src/core/hub.ts:1 says Date.now',
  },
  'an empty Date reads the clock too': {
    rule: timeHasOneSource,
    planted: { 'agent/src/core/agent.ts': 'const now = new Date()' },
    named: 'agent/src/core/agent.ts:1 says newDate()',
  },
  'no timer stands in a core': {
    rule: timersStandAtTheEdge,
    planted: { 'hub/src/core/hub.ts': 'globalThis.setTimeout(() => {}, 1)' },
    named: 'hub/src/core/hub.ts:1 says setTimeout',
  },
  'nobody uses the console': {
    rule: nobodyUsesTheConsole,
    planted: { 'agent/src/adapters/observe/a.ts': `console.log('x')` },
    named: 'agent/src/adapters/observe/a.ts:1 says console.',
  },
}

const rules = [...new Set(Object.values(bites).map(({ rule }) => rule))]

test.each(Object.entries(bites))('%s: a planted violation is named', (_sentence, { rule, planted, named }) => {
  const found = rule(Object.entries(planted).map(([path, text]) => readSource(path, text)))
  expect(found).toEqual([expect.stringContaining(named)])
})

test('the workspace keeps every rule', () => {
  expect(rules.flatMap((rule) => rule(workspace))).toEqual([])
})

describe('the scan', () => {
  const specifiers = (text: string) => readSource('hub/src/a.ts', text).imports.map(({ specifier }) => specifier)

  test('finds every way to name a module', () => {
    const text = [
      `import './side-effect.ts'`,
      `import whole from 'whole'`,
      `import whole2, { part, type Kind as Other } from "two"`,
      `import * as all from 'all'`,
      `import type {\n  One,\n  Two,\n} from 'lines'`,
      `import json from '../package.json' with { type: 'json' }`,
      `export { a, type B } from 'again'`,
      `export * as LIMITS from 'star'`,
      `export type { C } from 'type-again'`,
      `const lazy = await import('lazy')`,
      `type T = import('in-type').T`,
    ]
    expect(specifiers(text.join('\n'))).toEqual([
      ...['./side-effect.ts', 'whole', 'two', 'all', 'lines', '../package.json', 'again', 'star', 'type-again'],
      ...['lazy', 'in-type'],
    ])
  })

  test('is not led astray by comments, strings, patterns and templates', () => {
    const text = [
      `// import 'comment'`,
      `/* import 'block' */`,
      `const text = "import 'string'"`,
      `const template = \`import 'template' ${HOLE}{{ a: \`from ${HOLE}{1}\` }} import 'x'\``,
      `const pattern = /import 'pattern["'\`/]/g`,
      `const half = (4 / 2) / 1`,
      `export const from = 'not'`,
      `export type Alias = { from: 'not' }`,
      `const url = import.meta.url`,
      `import 'real'`,
    ]
    expect(specifiers(text.join('\n'))).toEqual(['real'])
  })
})
