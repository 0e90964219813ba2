/**
 * A process of its own that holds idle agents, since the agents of two servers are more sockets than one process may have.
 * Arguments: port and number of agents; `HUB_SECRET` in the environment. It says `ready` to its parent when they are
 * registered and quiet, answers any message with what `expectAllOpen` found, and goes when its parent goes.
 */
import { expectAllOpen, registerFleet, waitUntilQuiet } from './fleet.ts'

const [, , port, count] = process.argv
const secret = process.env['HUB_SECRET'] ?? ''
process.on('disconnect', () => process.exit())

const agents = await registerFleet({ port: Number(port), secret }, 'idle', Number(count))
await waitUntilQuiet(agents)
process.send?.('ready')
process.on('message', () => {
  expectAllOpen(agents)
  process.send?.('whole')
})
