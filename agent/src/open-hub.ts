import { HubRest } from './adapters/hub/hub-rest.ts'
import { readHubUrl } from './adapters/hub/hub-url.ts'
import type { RestBounds } from './adapters/hub/rest-line.ts'
import { systemClock } from './adapters/system/clock.ts'
import { StartError } from './core/failures.ts'
import type { HubCalls } from './core/hub-calls.ts'

/** Where a hub is, and what it asks for. */
export interface HubOptions {
  /** Such as http://localhost:8090. */
  readonly url: string
  /** The hub's secret, or a token with the scopes `tasks:read` and `tasks:write`. */
  readonly secret?: string | undefined
  /** Bounds of the calls, where the usual ones do not fit. */
  readonly bounds?: Partial<RestBounds>
}

/**
 * The hub's REST routes, for programs that ask agents for work. Nothing is connected before the first call.
 * @throws {StartError} when the URL cannot be one of a hub
 */
export const openHub = ({ url, secret, bounds }: HubOptions): HubCalls => {
  const read = readHubUrl(url)
  if (!read.ok) throw new StartError(`url ${read.mistake}.`)
  return new HubRest({
    hubUrl: read.url,
    hubSecret: secret,
    clock: systemClock,
    random: Math.random,
    ...(bounds === undefined ? {} : { bounds }),
  })
}
