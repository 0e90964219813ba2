import { createServer } from 'node:net'
import type { Config } from '../config.ts'
import type { Clock } from '../core/ports.ts'
import { type Check, fail, ok } from './check.ts'
import { agentHealth } from './find-hub.ts'
import { get } from './http-get.ts'

const NAME = 'health port'

/** What the check of the port needs. */
export interface PortCheckParts {
  readonly config: Config
  /** Whether an agent is at work in the data folder, which makes a namesake on the port that very one. */
  readonly isInUse: boolean
  readonly place: string
  readonly clock: Clock
  readonly waitMs: number
}

/** Listens for an instant; the system's word when that cannot be. */
const tryListen = (host: string, port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'failed'))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })

/** An address that listens everywhere is spoken to on this machine. */
export const toReachable = (host: string): string => {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

const checkTaken = async ({ config, isInUse, place, clock, waitMs }: PortCheckParts): Promise<Check> => {
  const { healthHost: host, healthPort: port, identity } = config
  const got = await get(new URL(`http://${toReachable(host)}:${port}/health`), { clock, waitMs })
  const agent = got.ok ? agentHealth.safeParse(got.body) : undefined
  const fix = `Set HEALTH_PORT in ${place} to another one, or to 0 for any free one.`
  if (!agent?.success) return fail(NAME, `${port} is taken on ${host} by another program.`, fix)
  const { agent: name, link } = agent.data
  if (name !== identity.name) {
    const both = `${fix.slice(0, -1)}; and DATA_DIR to a folder of its own, if it is ${name} that is at work in this one.`
    return fail(NAME, `${port} is taken on ${host} by the agent ${name}.`, isInUse ? both : fix)
  }
  return isInUse
    ? ok(NAME, `${port} on ${host} is this agent's, which runs; its link is ${link}.`)
    : fail(NAME, `${port} is taken on ${host} by an agent of this name with another DATA_DIR.`, fix)
}

/** Whether the agent can serve its health: the port is free, or this agent runs already and has it. */
export const checkHealthPort = async (parts: PortCheckParts): Promise<Check> => {
  const { config, place } = parts
  const { healthHost: host, healthPort: port } = config
  const code = await tryListen(host, port)
  switch (code) {
    case undefined:
      return ok(NAME, port === 0 ? `Any free one on ${host}.` : `${port} on ${host} is free.`)
    case 'EADDRINUSE':
      return checkTaken(parts)
    case 'EACCES':
      return fail(NAME, `${port} may not be used by this user.`, `Set HEALTH_PORT in ${place} to one above 1023.`)
    default:
      return fail(
        NAME,
        `${host} cannot be listened on (${code}).`,
        `Set HEALTH_HOST in ${place} to an address of this machine, such as 127.0.0.1.`,
      )
  }
}
