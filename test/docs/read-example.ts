import {
  AGENT_FRAME_TYPES,
  agentsAnswer,
  broadcastAnswer,
  healthAnswer,
  open,
  parseAgentFrame,
  parseHubFrame,
  problem,
  REPLAY_STATE_EMPTY,
  ReplayWindow,
  readRegistration,
  taskAnswer,
  taskView,
} from '@ai-comms/shared'

const has = (value: unknown, member: string): boolean =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, member)

const readType = (value: unknown): string => {
  const type: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'type') : undefined
  return typeof type === 'string' ? type : ''
}

const describeFrame = (value: unknown): string => {
  const [text, type] = [JSON.stringify(value), readType(value)]
  if (type === 'register') {
    readRegistration(text).parse()
    return 'agent: register'
  }
  const isFromAgent = AGENT_FRAME_TYPES.some((known) => known === type) && !has(value, 'from')
  const frame = isFromAgent ? parseAgentFrame(text) : parseHubFrame(text)
  if (frame === undefined) throw new Error(`No frame has the type ${type}`)
  return `${isFromAgent ? 'agent' : 'hub'}: ${frame.type}`
}

/** Without a secret the first thing to fail of a well-formed, signed envelope is its key. */
const describeEnvelope = (value: unknown): string => {
  const opened = open(JSON.stringify(value), {
    now: 0,
    me: { agentId: 'nova_002', groupIds: new Set() },
    keyRing: null,
    replay: new ReplayWindow(REPLAY_STATE_EMPTY),
    requireAuth: true,
    requireEncryption: false,
  })
  if (opened.ok || opened.refusal !== 'unknown_key')
    throw new Error(`The envelope is refused: ${JSON.stringify(opened)}`)
  return 'envelope'
}

/**
 * Reads an example by the schema that it must be of, and says which that was.
 *
 * @throws {Error} when no schema takes it
 */
export const describeExample = (value: unknown): string => {
  if (has(value, 'detail')) {
    problem.parse(value)
    return 'problem'
  }
  if (has(value, 'type')) return describeFrame(value)
  if (has(value, 'protocol')) return describeEnvelope(value)
  const schemas = {
    health: healthAnswer,
    agents: agentsAnswer,
    broadcast: broadcastAnswer,
    'task answer': taskAnswer,
    'task view': taskView,
  }
  const found = Object.entries(schemas).find(([, schema]) => schema.safeParse(value).success)
  if (found === undefined) throw new Error(`No schema takes the example ${JSON.stringify(value)}`)
  return found[0]
}
