import { agentsAnswer, problem, toMatchKey } from '@ai-comms/shared'
import { isHeaderText } from '../adapters/hub/hub-routes.ts'
import type { Clock } from '../core/ports.ts'
import { type Check, fail, ok, toCountText, warn } from './check.ts'
import { type Got, get } from './http-get.ts'
import { readTokenClaims, type TokenClaims } from './token-claims.ts'

const NAME = 'hub secret'

/** How long before its end a token is worth a warning, in milliseconds: a week. */
const EXPIRY_WARN_MS = 604_800_000

/** Longest sentence of a hub that is passed on, in characters. */
const DETAIL_CHARS_MAX = 200

/** What the check of the secret needs. */
export interface SecretCheckParts {
  /** URL of the hub's REST routes. */
  readonly base: URL
  readonly secret: string | undefined
  readonly agentName: string
  /** Where the variables are to be written. */
  readonly placeOf: (variable: string) => string
  readonly clock: Clock
  readonly waitMs: number
}

type Answered = Extract<Got, { ok: true }>

const toIssue = (name: string): string => `"pnpm hub token issue --name '${name}' --scope agent"`

/** For a shared secret, or whoever has none yet. */
const toAnySecret = ({ agentName, placeOf }: SecretCheckParts): string =>
  `Write the HUB_SECRET of the hub into ${placeOf('AGENT_HUB_SECRET')} as AGENT_HUB_SECRET, or a token from ${toIssue(agentName)}.`

const toNewToken = ({ agentName, placeOf }: SecretCheckParts): string =>
  `Run ${toIssue(agentName)} where the hub runs, and write the token into ${placeOf('AGENT_HUB_SECRET')} as AGENT_HUB_SECRET.`

/** Whether agents of this name are there: they share its tasks. */
const describeNamesakes = (body: unknown, agentName: string): string => {
  const parsed = agentsAnswer.safeParse(body)
  const key = toMatchKey(agentName)
  const count = parsed.success ? parsed.data.agents.filter(({ name }) => toMatchKey(name) === key).length : 0
  return count === 0 ? '' : `; ${toCountText(count, 'agent')} of that name online`
}

const judgeToken = ({ name, scopes, expiresAt }: TokenClaims, parts: SecretCheckParts, namesakes: string): Check => {
  const { agentName, placeOf, clock } = parts
  if (!scopes.includes('agent') && !scopes.includes('admin')) {
    const has = scopes.length === 0 ? 'none' : scopes.join(', ')
    return fail(NAME, `AGENT_HUB_SECRET is a token that may not register (its scopes: ${has}).`, toNewToken(parts))
  }
  if (toMatchKey(name) !== toMatchKey(agentName)) {
    return fail(
      NAME,
      `AGENT_HUB_SECRET is a token for ${name}, and this agent is called ${agentName}.`,
      `Write AGENT_NAME=${name} into ${placeOf('AGENT_NAME')}, or get a token for ${agentName} with ${toIssue(agentName)} where the hub runs.`,
    )
  }
  const until = new Date(expiresAt).toISOString().slice(0, 10)
  const found = `AGENT_HUB_SECRET is a token for ${name}, good until ${until}${namesakes}.`
  return expiresAt - clock.now() < EXPIRY_WARN_MS ? warn(NAME, found, toNewToken(parts)) : ok(NAME, found)
}

const readDetail = (body: unknown): string => {
  const parsed = problem.safeParse(body)
  return parsed.success ? `: ${parsed.data.detail.slice(0, DETAIL_CHARS_MAX).replace(/\.$/, '')}` : ''
}

/** What the hub says to the secret; 403 is a token that is right, and may not list the agents. */
const judge = ({ status, body }: Answered, secret: string, parts: SecretCheckParts): Check => {
  const claims = readTokenClaims(secret)
  if (status === 401 || status === 429) {
    const what = `The hub does not take AGENT_HUB_SECRET of ${secret.length} characters`
    // of a token the hub says why; of a secret it only says how one is sent
    if (claims !== undefined) return fail(NAME, `${what}${readDetail(body)}.`, toNewToken(parts))
    return fail(NAME, `${what}.`, toAnySecret(parts))
  }
  if (status === 200 || (status === 403 && claims !== undefined)) {
    const namesakes = describeNamesakes(body, parts.agentName)
    if (claims !== undefined) return judgeToken(claims, parts, namesakes)
    return ok(NAME, `The hub takes AGENT_HUB_SECRET, and any name with it, ${parts.agentName} too${namesakes}.`)
  }
  return warn(
    NAME,
    `It cannot be told whether the secret is right: the hub answers HTTP ${status}${readDetail(body)}.`,
    "Look into the hub's log, and run the doctor again.",
  )
}

const warnUnasked = (why: string): Check =>
  warn(NAME, `It cannot be told whether the secret is right: ${why}.`, 'Run the doctor again.')

/**
 * Asks the hub for its agents, first without the secret and then with it: that reads and changes nothing, while a
 * registration would show up, or replace the agent that runs. What a token may is read from the token, once the hub has
 * taken it.
 */
export const checkHubSecret = async (parts: SecretCheckParts): Promise<Check> => {
  const { base, secret, agentName, clock, waitMs } = parts
  const agents = new URL('agents', base)
  const bare = await get(agents, { clock, waitMs })
  if (!bare.ok) return warnUnasked(bare.why)
  if (bare.status === 200) {
    const unused = secret === undefined ? '' : ', so AGENT_HUB_SECRET is not looked at'
    return ok(NAME, `The hub asks for none${unused}${describeNamesakes(bare.body, agentName)}.`)
  }
  if (secret === undefined) {
    return fail(NAME, 'The hub asks for a secret, and AGENT_HUB_SECRET is not set.', toAnySecret(parts))
  }
  if (!isHeaderText(secret)) {
    return fail(NAME, 'AGENT_HUB_SECRET holds letters that no HTTP header can carry.', toAnySecret(parts))
  }
  const shown = await get(agents, { clock, waitMs, headers: { authorization: `Bearer ${secret}` } })
  return shown.ok ? judge(shown, secret, parts) : warnUnasked(shown.why)
}
