import type { Config } from '../config.ts'
import type { Clock } from '../core/ports.ts'
import { type Check, fail, ok, skip, toCountText, toSpanText, warn } from './check.ts'
import { checkHubSecret } from './check-hub-secret.ts'
import { type FoundHub, findHub } from './find-hub.ts'
import { trySocket } from './try-socket.ts'

const NAME = 'hub'

/** Difference of two clocks that is worth a warning, in milliseconds: deadlines and tokens go by them. */
export const SKEW_MS_MAX = 30_000

/** What the checks of the hub need. */
export interface HubCheckParts {
  readonly config: Config & { readonly hubUrl: URL }
  /** Variables that are wrong; what is said of them elsewhere is not said again. */
  readonly broken: ReadonlySet<string>
  readonly placeOf: (variable: string) => string
  readonly clock: Clock
  readonly waitMs: number
}

type Hub = Extract<FoundHub, { type: 'hub' }>

const describeHub = ({ health, got }: Hub, host: string): Check => {
  const { status, version, agents } = health
  const found = `AI COMMS ${version} at ${host}, ${toCountText(agents, 'agent')} online, ${toSpanText(got.tookMs)}`
  switch (status) {
    case 'ok':
      return ok(NAME, `${found}.`)
    case 'draining':
      return warn(NAME, `${found}, and about to end.`, 'Start the hub again; the agent waits for it.')
    case 'degraded':
      return warn(NAME, `${found}, without its storage.`, "Look into the hub's log, and at the disk of HUB_DATA_DIR.")
  }
}

/** The header has whole seconds, and was written somewhere between the question and the answer. */
const checkClock = ({ got }: Hub, now: number): Check => {
  const said = Date.parse(got.headers.date ?? '')
  if (Number.isNaN(said)) return skip('hub clock', 'The hub does not tell its time.')
  const aheadMs = now - got.tookMs / 2 - (said + 500)
  if (Math.abs(aheadMs) <= SKEW_MS_MAX + got.tookMs / 2)
    return ok('hub clock', 'It agrees with the clock of this machine.')
  const way = aheadMs > 0 ? 'ahead of' : 'behind'
  return warn(
    'hub clock',
    `The clock of this machine is ${Math.round(Math.abs(aheadMs) / 1_000)} s ${way} the hub's.`,
    'Let both machines set their clocks from the network, such as with "timedatectl set-ntp true": deadlines and tokens go by them.',
  )
}

const checkSocket = (why: string | undefined): Check =>
  why === undefined
    ? ok('hub socket', 'It opens WebSockets; this one was closed again without registering.')
    : fail(
        'hub socket',
        `It opens no WebSocket: ${why}.`,
        'Let the proxy before the hub pass upgrades to WebSocket on.',
      )

const failToReach = (found: Exclude<FoundHub, Hub>, { config, placeOf }: HubCheckParts): Check => {
  const { host } = config.hubUrl
  if (found.type === 'nobody') {
    return fail(
      NAME,
      `No hub at ${host}: ${found.why}${/[.?]$/.test(found.why) ? '' : '.'}`,
      `Start the hub with "pnpm hub", or change AGENT_HUB_URL in ${placeOf('AGENT_HUB_URL')} to where it runs.`,
    )
  }
  return fail(
    NAME,
    `At ${host} there is ${found.what}.`,
    `Change AGENT_HUB_URL in ${placeOf('AGENT_HUB_URL')} to the URL that the hub told at its start.`,
  )
}

/**
 * Looks at the hub without a trace that any agent could see: is it there, does it open sockets, does it take the secret,
 * what time is it there.
 */
export const checkHub = async (parts: HubCheckParts): Promise<Check[]> => {
  const { config, broken, clock, waitMs, placeOf } = parts
  const { hubUrl, hubSecret, identity } = config
  const socketTried = trySocket(hubUrl, waitMs, clock)
  const found = await findHub(hubUrl, { clock, waitMs })
  const now = clock.now()
  if (found.type !== 'hub') {
    if (found.type === 'nobody' || (await socketTried) !== undefined) return [failToReach(found, parts)]
    const fix =
      'Nothing, if agents come in this way; to let the doctor see more, let the proxy pass GET /health and /agents on.'
    return [warn(NAME, `${hubUrl.host} opens WebSockets, and yet shows no hub but ${found.what}.`, fix)]
  }
  const reader = { base: found.base, secret: hubSecret, agentName: identity.name, placeOf, clock, waitMs }
  const isReadable = !broken.has('AGENT_HUB_SECRET') && !broken.has('AGENT_NAME')
  const [why, secret] = await Promise.all([
    socketTried,
    isReadable ? checkHubSecret(reader) : skip('hub secret', 'Not tried: the mistakes above come first.'),
  ])
  return [describeHub(found, hubUrl.host), checkSocket(why), secret, checkClock(found, now)]
}
