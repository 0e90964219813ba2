import { posix } from 'node:path'
import { isTestFile, type Source, toPackageName, toTarget } from './source.ts'

/** A rule of the house: what it finds is a sentence per violation, with file and line. */
export type Rule = (sources: readonly Source[]) => string[]

/** Judges one import of one file: why it is forbidden, or undefined. */
type Judge = (source: Source, specifier: string, target: string | undefined) => string | undefined

/** A rule that looks at imports one by one. */
const eachImport =
  (applies: (source: Source) => boolean, judge: Judge): Rule =>
  (sources) =>
    sources.filter(applies).flatMap((source) =>
      source.imports.flatMap(({ specifier, line }) => {
        const reason = specifier === undefined ? undefined : judge(source, specifier, toTarget(source, specifier))
        return reason === undefined ? [] : [`${source.path}:${line} imports ${specifier}: ${reason}`]
      }),
    )

const SCOPE = '@ai-comms/'

/** Which packages a package may import. */
const MAY_IMPORT: { readonly [folder: string]: readonly string[] } = {
  shared: [],
  hub: ['shared'],
  agent: ['shared'],
  deploy: ['shared'],
  test: ['shared', 'hub', 'agent'],
}

const toFolder = (path: string): string => path.split('/')[0] ?? ''
/** A path below its package's `src`, or undefined for one outside of it. */
const toInner = (path: string): string | undefined => /^[^/]+\/src\/(.+)$/.exec(path)?.[1]

/** shared ← hub, shared ← agent, never hub ↔ agent; and through the door only. */
export const packagesPointOneWay = eachImport(
  () => true,
  ({ path }, specifier, target) => {
    const folder = toFolder(path)
    if (target !== undefined) {
      return toFolder(target) === folder ? undefined : 'another package is entered by its name, not by a path'
    }
    if (!specifier.startsWith(SCOPE)) return undefined
    const [wanted = '', ...deeper] = specifier.slice(SCOPE.length).split('/')
    if (deeper.length > 0) return 'a package is entered by its door, not by a path inside'
    return MAY_IMPORT[folder]?.includes(wanted) ? undefined : `${folder} may not import ${wanted}`
  },
)

/** Every module is named by a literal, and every relative one with its ending, as Node asks for. */
export const importsAreReadable: Rule = (sources) =>
  sources.flatMap((source) =>
    source.imports.flatMap(({ specifier, line }) => {
      if (specifier === undefined) return [`${source.path}:${line} computes what it imports`]
      const isRelative = specifier.startsWith('.')
      return isRelative && !/\.(?:ts|json)$/.test(specifier)
        ? [`${source.path}:${line} imports ${specifier}: a relative import ends in .ts or .json`]
        : []
    }),
  )

const isCore = (path: string) => toInner(path)?.startsWith('core/') ?? false
/** The folder under `adapters` that a path lies in. */
const toRoom = (path: string): string | undefined => /^adapters\/([^/]+)\//.exec(toInner(path) ?? '')?.[1]
const isProduction = (source: Source) => !isTestFile(source)
/** A room that several adapters stand on, so that what is one idea is written once: how an SQLite file is opened, asked and kept small. */
const isGround = (path: string) => path.startsWith('agent/src/sqlite/')

/** The core knows `@ai-comms/shared` and itself; not even Node. */
export const coreKnowsOnlyShared = eachImport(
  (source) => isProduction(source) && isCore(source.path),
  (_source, specifier, target) =>
    specifier === `${SCOPE}shared` || (target !== undefined && isCore(target))
      ? undefined
      : 'a core imports @ai-comms/shared and itself, nothing else',
)

/** Each folder under `adapters` knows itself, its core, shared, packages, Node and the ground; never a sibling. */
export const roomsDoNotKnowEachOther = eachImport(
  (source) => isProduction(source) && toRoom(source.path) !== undefined,
  ({ path }, _specifier, target) => {
    if (target === undefined || isCore(target) || isGround(target) || toRoom(target) === toRoom(path)) return undefined
    return toRoom(target) === undefined ? 'an adapter does not know its app' : 'an adapter does not know its siblings'
  },
)

/** The ground knows itself, packages, Node, and how its core says that something failed; nobody who stands on it. */
export const groundKnowsNobody = eachImport(
  (source) => isProduction(source) && isGround(source.path),
  (_source, specifier, target) => {
    const isOutside = target === undefined && !specifier.startsWith(SCOPE)
    const isKnown = target !== undefined && (isGround(target) || target === 'agent/src/core/failures.ts')
    return isOutside || isKnown ? undefined : 'the ground knows nothing of agents'
  },
)

/** What the law may be made of: no input or output, no clock, no logger. */
const SHARED_IMPORTS = new Set(['zod', 'canonicalize', 'node:crypto'])

/** Shared is law: it imports zod, canonicalize and node:crypto. */
export const sharedIsPure = eachImport(
  (source) => isProduction(source) && toFolder(source.path) === 'shared',
  (_source, specifier, target) =>
    target !== undefined || SHARED_IMPORTS.has(specifier)
      ? undefined
      : `shared imports ${[...SHARED_IMPORTS].join(', ')} and itself`,
)

/** Nothing that runs in production leans on what serves tests. */
export const productionKnowsNoTests = eachImport(isProduction, (_source, specifier, target) => {
  const isTest = target !== undefined && isTestFile({ path: target, tokens: [], imports: [] })
  return isTest || ['vitest', 'fast-check'].includes(specifier) ? 'this only serves tests' : undefined
})

/**
 * Files beside `core` and `adapters` that put rooms together: the process, the
 * app, the door; the hub's second program, which administers tokens; the
 * agent app's parts, its mind, its channel and the people around it; its second app,
 * for programs that embed one; its hub, for programs that ask agents; its doctor, which looks into every room; and the command that
 * verifies its audit trail.
 */
const COMPOSERS =
  /^(?:(?:hub|agent)\/src\/(?:app|index|main)|hub\/src\/token-command|agent\/src\/(?:audit-command|channel|create-agent|linked-agent|mind|open-hub|people)|agent\/src\/doctor\/[a-z-]+|agent\/src\/eval-guard)\.ts$/
/** What a configuration may ask of an adapter: which words its settings take. */
const SETTINGS: { readonly [path: string]: readonly string[] } = {
  'agent/src/config.ts': ['agent/src/adapters/hub/hub-url.ts', 'agent/src/adapters/providers/catalog.ts'],
  'agent/src/provider-config.ts': ['agent/src/adapters/providers/catalog.ts'],
}

/** Only the app, the door and the process compose. */
export const onlyTheAppComposes = eachImport(
  ({ path }) =>
    !COMPOSERS.test(path) &&
    toInner(path) !== undefined &&
    !isCore(path) &&
    !isTestFile({ path, tokens: [], imports: [] }),
  ({ path }, _specifier, target) => {
    if (target === undefined || toRoom(target) === undefined || toRoom(path) !== undefined) return undefined
    return SETTINGS[path]?.includes(target) ? undefined : 'only the app composes'
  },
)

const DATA = new Set(['events', 'task', 'message', 'grant'])
const HALLS = new Set(['hub', 'agent', 'hall'])
const LAYERS = ['data', 'a port', 'a rule', 'the hall'] as const

const toLayer = (path: string): number => {
  const name = posix.basename(path, '.ts')
  if (DATA.has(name)) return 0
  if (name === 'ports') return 1
  return HALLS.has(name) ? 3 : 2
}

/** Inside a core: data ← ports ← rules ← hall. */
export const coreLayersPointInward = eachImport(
  (source) => isProduction(source) && isCore(source.path),
  ({ path }, _specifier, target) => {
    if (target === undefined || !isCore(target) || toLayer(target) <= toLayer(path)) return undefined
    return `${LAYERS[toLayer(path)]} does not know ${LAYERS[toLayer(target)]}`
  },
)

/** Packages of the world that have one home. */
const HOMES: { readonly [name: string]: readonly string[] } = {
  fastify: ['hub/src/adapters/http/', 'hub/src/adapters/ws/', 'hub/src/app.ts'],
  '@fastify/websocket': ['hub/src/adapters/ws/', 'hub/src/app.ts'],
  ws: ['hub/src/adapters/ws/', 'hub/src/app.ts', 'agent/src/adapters/hub/', 'agent/src/app.ts'],
  '@whiskeysockets/baileys': ['agent/src/adapters/whatsapp/'],
  openai: ['agent/src/adapters/providers/'],
  '@anthropic-ai/sdk': ['agent/src/adapters/providers/'],
}

/** Fastify, `ws`, Baileys and the vendors' SDKs stay in their adapters. */
export const packagesStayAtHome = eachImport(isProduction, ({ path }, specifier) => {
  const name = toPackageName(specifier)
  const homes = Object.hasOwn(HOMES, name) ? HOMES[name] : undefined
  return homes === undefined || homes.some((home) => path.startsWith(home))
    ? undefined
    : `its home is ${homes.join(', ')}`
})
