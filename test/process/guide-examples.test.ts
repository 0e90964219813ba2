import { expect, test } from 'vitest'
import { AgentProgram } from '../helpers/agent-program.ts'
import { openDataFolder } from '../helpers/data-folder.ts'
import { httpCall } from '../helpers/http-call.ts'

/** Secrets of the length that the guide tells to make, in the place of its dots. */
const SHARED = 'a]f8k2-your-shared-secret-of-32-or-more-m9x1z'
const KEY = 'b7d3e-your-shared-key-of-32-or-more-4f2a8'

const AUTHENTIC = { SECURITY_REQUIRE_AGENT_AUTH: 'true', SECURITY_AGENT_SECRET: SHARED, SECURITY_ENCRYPTION_KEY: KEY }

/** The guide's agents on WhatsApp, with its lines and no others. */
const EXAMPLES = {
  Atlas: {
    ...{ AI_PROVIDER: 'openai', OPENAI_API_KEY: 'sk-...', AGENT_NAME: 'Atlas', AGENT_ID: 'atlas_001' },
    ...{ PLATFORM: 'whatsapp', WHATSAPP_MODE: 'baileys', ...AUTHENTIC },
  },
  Nova: {
    ...{ AI_PROVIDER: 'anthropic', ANTHROPIC_API_KEY: 'sk-ant-...', AGENT_NAME: 'Nova', AGENT_ID: 'nova_001' },
    ...{ PLATFORM: 'whatsapp', WHATSAPP_MODE: 'baileys', ...AUTHENTIC },
  },
}

/** What a test of this machine needs besides: no port of somebody else, and nobody at WhatsApp's end. */
const HERE = { HEALTH_PORT: '0', WHATSAPP_WS_URL: 'ws://127.0.0.1:9' }

test.each(Object.entries(EXAMPLES))("the guide's %s starts with its lines alone, without a hub", async (name, env) => {
  await using folder = await openDataFolder()
  await using agent = new AgentProgram({
    cwd: folder.path,
    env: { ...env, ...HERE, DATA_DIR: folder.path },
    nodeArguments: [],
  })
  const { healthPort } = await agent.logs(({ msg }) => msg === 'starting', 'its start')
  await agent.reaches('waiting')
  const { body } = await httpCall('GET', `http://127.0.0.1:${healthPort}/health`)
  expect(body).toMatchObject({
    ...{ agent: name, agentId: env.AGENT_ID, link: 'none', ready: false },
    channel: { name: 'whatsapp', state: expect.stringMatching(/connecting|waiting/) },
  })
  expect(agent.complaint).not.toContain('not a known variable')
})
