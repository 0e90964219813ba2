import { type HealthAnswer, healthAnswer } from '@ai-comms/shared'
import { z } from 'zod'
import { isHealthStatus, toRoutesBase } from '../adapters/hub/hub-routes.ts'
import { type GetOptions, type Got, get } from './http-get.ts'

type Answered = Extract<Got, { ok: true }>

/** Who answers at the hub's URL. */
export type FoundHub =
  | { readonly type: 'hub'; readonly base: URL; readonly health: HealthAnswer; readonly got: Answered }
  | { readonly type: 'other'; readonly what: string }
  | { readonly type: 'nobody'; readonly why: string }

/** What the health port of an agent tells, as far as it shows that it is one. */
export const agentHealth = z.looseObject({ agent: z.string(), link: z.string() })

const describeOther = ({ status, headers, body }: Answered): string => {
  const agent = agentHealth.safeParse(body)
  if (agent.success) return `the health port of the agent ${agent.data.agent}`
  if (status < 300 || status >= 400) return `no AI COMMS hub, which answers GET /health with HTTP ${status}`
  const to = URL.parse(headers.location ?? '')
  return `a redirect${to === null ? '' : ` to ${to.origin}`}`
}

const look = async (base: URL, options: GetOptions): Promise<FoundHub> => {
  const got = await get(new URL('health', base), options)
  if (!got.ok) return { type: 'nobody', why: got.why }
  const health = healthAnswer.safeParse(isHealthStatus(got.status) ? got.body : undefined)
  return health.success ? { type: 'hub', base, health: health.data, got } : { type: 'other', what: describeOther(got) }
}

/** Looks for a hub at a URL: below its path if it has one, and at the root, where hubs without a proxy are. */
export const findHub = async (hubUrl: URL, options: GetOptions): Promise<FoundHub> => {
  const root = look(toRoutesBase(hubUrl, '/'), options)
  if (hubUrl.pathname === '/') return root
  const below = await look(toRoutesBase(hubUrl, hubUrl.pathname), options)
  return below.type === 'hub' ? below : root
}
