import { systemClock } from '../adapters/system/clock.ts'
import type { Clock } from '../core/ports.ts'
import { type Check, type DoctorBounds, fail, skip, withinBound } from './check.ts'
import { checkChannel } from './check-channel.ts'
import { checkConfiguration } from './check-configuration.ts'
import { checkDataFolder, type FolderFindings } from './check-data-folder.ts'
import { checkHealthPort } from './check-health-port.ts'
import { checkHub } from './check-hub.ts'
import { checkProvider, toProviderCheckName } from './check-provider.ts'
import { checkNobodyChosen, skipProviders } from './check-providers.ts'
import type { Sources } from './read-sources.ts'
import { type Readable, readWhatWorks } from './read-what-works.ts'

/** A part of the agent that is looked at by itself, and has been begun. */
export interface Part {
  readonly name: string
  readonly checks: Promise<readonly Check[]>
}

/** How the parts are looked at. */
export interface PartsOptions {
  readonly offline: boolean
  readonly bounds: DoctorBounds
  readonly clock?: Clock
}

type Look = () => Promise<readonly Check[]> | readonly Check[]

const REPORT_BUG = 'Report this as a bug of the doctor, with the line above.'

/** Begins to look at a part. It ends in time, and what fails there fails there alone. */
const begin = (name: string, { bounds, clock = systemClock }: PartsOptions, look: Look): Part => {
  const late = () => [fail(name, `Nothing came of it within ${bounds.partMs / 1_000} s.`, 'Run the doctor again.')]
  const work = async () => look()
  const checks = withinBound<readonly Check[]>(work(), bounds.partMs, clock, late).catch((error: unknown) => {
    // only the name: the message of an unforeseen error may hold anything, a key too
    const what = error instanceof Error ? error.name : 'something'
    return [fail(name, `It could not be looked at (${what}).`, REPORT_BUG)]
  })
  return { name, checks }
}

const skipAfterMistake = (name: string): Check => skip(name, 'Not looked at: the mistakes above come first.')

const beginProviders = ({ config, chain }: Readable, sources: Sources, options: PartsOptions): Part[] => {
  const { clock = systemClock, bounds, offline } = options
  const parts = { env: sources.env, offline, clock, bounds }
  if (chain === undefined && config !== undefined) {
    const place = sources.placeOf('OPENAI_API_KEY')
    return [begin('provider', options, async () => [await checkNobodyChosen(config.local, place, parts)])]
  }
  if (chain === undefined || chain.length === 0) return [begin('provider', options, () => [skipProviders()])]
  return chain.map((settings) =>
    begin(toProviderCheckName(settings), options, async () => [await checkProvider(settings, parts)]),
  )
}

const beginHub = ({ config, broken }: Readable, { placeOf }: Sources, options: PartsOptions): Part =>
  begin('hub', options, () => {
    if (config === undefined || broken.has('AGENT_HUB_URL')) return [skipAfterMistake('hub')]
    const { hubUrl } = config
    if (!hubUrl) return [skip('hub', 'None is set: people and peers reach the agent over its channel.')]
    if (options.offline) return [skip('hub', `Not asked (--offline): ${hubUrl.host}.`)]
    const { clock = systemClock, bounds } = options
    return checkHub({ config: { ...config, hubUrl }, broken, placeOf, clock, waitMs: bounds.hubMs })
  })

const beginMachine = ({ config, broken }: Readable, { placeOf }: Sources, options: PartsOptions): Part[] => {
  const { clock = systemClock, bounds, offline } = options
  const look = async (): Promise<FolderFindings> =>
    config === undefined || broken.has('DATA_DIR')
      ? { checks: [skipAfterMistake('data folder')], isInUse: false }
      : checkDataFolder(config.dataDir, placeOf('DATA_DIR'))
  const folder = look()
  return [
    begin('data folder', options, async () => (await folder).checks),
    begin('health port', options, async () => {
      const { isInUse } = await folder
      if (config === undefined || broken.has('HEALTH_PORT') || broken.has('HEALTH_HOST')) {
        return [skipAfterMistake('health port')]
      }
      const place = placeOf('HEALTH_PORT')
      return [await checkHealthPort({ config, isInUse, place, clock, waitMs: bounds.portMs })]
    }),
    begin('whatsapp', options, async () => {
      const { isInUse } = await folder
      if (config === undefined || broken.size > 0) return []
      return checkChannel({ config, isInUse, offline, clock, waitMs: bounds.portMs })
    }),
  ]
}

/** Begins to look at everything at once, and lists the parts in the order in which their outcomes are told. */
export const listParts = (sources: Sources, options: PartsOptions): Part[] => {
  const readable = readWhatWorks(sources.env)
  // the disk is looked at in one go, before anything whose time counts has begun
  const machine = beginMachine(readable, sources, options)
  return [
    begin('env file', options, () => sources.checks),
    begin('configuration', options, () => checkConfiguration(readable, sources.placeOf)),
    ...beginProviders(readable, sources, options),
    beginHub(readable, sources, options),
    ...machine,
  ]
}
