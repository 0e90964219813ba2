import { z } from 'zod'
import { GraphApi } from '../adapters/cloud-api/graph-api.ts'
import { findLink } from '../adapters/whatsapp/find-link.ts'
import type { CloudApiSettings } from '../cloud-config.ts'
import type { Config } from '../config.ts'
import type { Clock } from '../core/ports.ts'
import { type Check, fail, ok, skip, warn } from './check.ts'
import { toReachable } from './check-health-port.ts'
import { get } from './http-get.ts'

const NAME = 'whatsapp'

/** What the check of the human channel needs. */
export interface ChannelCheckParts {
  readonly config: Config
  /** Whether an agent is at work in the data folder, which then knows best how its channel is. */
  readonly isInUse: boolean
  readonly offline: boolean
  readonly clock: Clock
  readonly waitMs: number
}

/** What a running agent tells of its channel. */
const running = z.looseObject({
  channel: z.looseObject({ name: z.string(), state: z.string(), advice: z.string().optional() }),
})

const PASSING: Readonly<Record<string, string>> = {
  connecting: 'It is connecting.',
  waiting: 'WhatsApp cannot be reached at the moment; it tries again by itself.',
  idle: 'It begins.',
  closed: 'It begins.',
}

const describeRunning = ({
  state,
  advice,
}: {
  readonly state: string
  readonly advice?: string | undefined
}): Check => {
  if (state === 'open') return ok(NAME, 'The running agent is linked, and messages come and go.')
  if (advice !== undefined) return fail(NAME, `The running agent's channel is ${state}.`, advice)
  if (state === 'pairing' || state === 'needs-pairing') {
    return warn(
      NAME,
      'The running agent waits for your phone.',
      'On the phone: WhatsApp, Linked devices, Link a device; scan the QR in the terminal of the agent, or type its code.',
    )
  }
  return warn(NAME, PASSING[state] ?? `The running agent's channel is ${state}.`, 'Run the doctor again in a minute.')
}

const checkRunning = async ({ config, clock, waitMs }: ChannelCheckParts): Promise<Check | undefined> => {
  const { healthHost, healthPort } = config
  if (healthPort === 0) return undefined
  const got = await get(new URL(`http://${toReachable(healthHost)}:${healthPort}/health`), { clock, waitMs })
  const read = got.ok ? running.safeParse(got.body) : undefined
  return read?.success ? describeRunning(read.data.channel) : undefined
}

const checkLink = (dataDir: string): Check => {
  const found = findLink(dataDir)
  switch (found.kind) {
    case 'linked':
      return ok(NAME, 'Linked to an account; whether WhatsApp still lets it in shows when the agent runs.')
    case 'none':
    case 'unlinked':
      return warn(
        NAME,
        'Not linked to an account yet.',
        'Start the agent in a terminal with "pnpm agent", and scan the QR that it shows: on the phone, WhatsApp, Linked devices, Link a device.',
      )
    case 'unreadable':
      return fail(
        NAME,
        `whatsapp.sqlite cannot be read (${found.code}).`,
        'Do not put an old copy back. Remove the device under "Linked devices" on the phone, move whatsapp.sqlite away, and link the agent anew.',
      )
  }
}

const GRAPH_MS = { connectMsMax: 3_000, uploadMsMax: 3_000 }

const checkCloud = async (settings: CloudApiSettings, { clock, waitMs }: ChannelCheckParts): Promise<Check> => {
  const { graphUrl: url, graphVersion: version, phoneNumberId, accessToken } = settings
  const graph = new GraphApi({
    ...{ url, version, phoneNumberId, accessToken, clock },
    bounds: { ...GRAPH_MS, answerMsMax: waitMs },
  })
  const outcome = await graph.check()
  graph.stop()
  switch (outcome.kind) {
    case 'answered':
      return ok(NAME, `Meta takes the access token for this number (${url.host}, ${version}).`)
    case 'refused':
      return fail(
        NAME,
        `Meta refuses the access token for this number (code ${outcome.code}).`,
        'Make a new token of a system user with the right whatsapp_business_messaging, put it into WHATSAPP_CLOUD_ACCESS_TOKEN, and look whether WHATSAPP_CLOUD_PHONE_NUMBER_ID is the id that WhatsApp > API Setup shows.',
      )
    case 'unreachable':
    case 'lost':
      return fail(
        NAME,
        `${url.host} cannot be reached (${outcome.code}).`,
        `Look whether this machine may open https connections to ${url.host}.`,
      )
  }
}

/** How the agent is on WhatsApp: asked of the agent that runs, else of what it keeps, or of Meta. */
export const checkChannel = async (parts: ChannelCheckParts): Promise<readonly Check[]> => {
  const { config, isInUse, offline } = parts
  const { channel, dataDir } = config
  if (channel.kind === 'none' || channel.kind === 'console') return []
  const found = isInUse ? await checkRunning(parts) : undefined
  if (found) return [found]
  if (channel.kind === 'linked') return [checkLink(dataDir)]
  if (offline) return [skip(NAME, `Not asked (--offline): ${channel.account.graphUrl.host}.`)]
  return [await checkCloud(channel.account, parts)]
}
