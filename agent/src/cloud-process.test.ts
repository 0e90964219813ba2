import { describe, expect, it } from 'vitest'
import { type AgentProcess, startAgentProcess } from './test-support/agent-process.ts'
import { ANNA, BEN, sign, toDelivery, toStatus, toTextMessage } from './test-support/cloud-deliveries.ts'
import { useFolder } from './test-support/folder.ts'
import { GRAPH_ACCOUNT, startGraph } from './test-support/graph-server.ts'
import { startScriptedHub } from './test-support/scripted-hub.ts'
import { CLOUD_SECRETS } from './test-support/set-up-cloud.ts'

const startStage = async () => {
  const folder = useFolder()
  const graph = await startGraph()
  const hub = await startScriptedHub()
  return {
    graph,
    hub,
    startAgent: () =>
      startAgentProcess(folder, {
        ...{
          AGENT_NAME: 'Atlas',
          AGENT_HUB_URL: hub.url,
          AGENT_LOG_LEVEL: 'debug',
          AI_PROVIDER: 'echo',
          DATA_DIR: 'mine',
        },
        ...{ PLATFORM: 'whatsapp', WHATSAPP_MODE: 'cloud' },
        ...{ SECURITY_ENABLE_ALLOWLIST: 'true', SECURITY_ALLOWLIST: `+${ANNA}` },
        WHATSAPP_CLOUD_PHONE_NUMBER_ID: GRAPH_ACCOUNT.phoneNumberId,
        WHATSAPP_CLOUD_ACCESS_TOKEN: GRAPH_ACCOUNT.accessToken,
        WHATSAPP_CLOUD_APP_SECRET: CLOUD_SECRETS.appSecret,
        WHATSAPP_CLOUD_VERIFY_TOKEN: CLOUD_SECRETS.verifyToken,
        WHATSAPP_CLOUD_GRAPH_URL: graph.url.href,
        WHATSAPP_CLOUD_WEBHOOK_PORT: '0',
      }),
    [Symbol.asyncDispose]: async () => {
      await hub[Symbol.asyncDispose]()
      await graph[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

/** What Meta does with the webhook of an agent. */
const reach = async (agent: AgentProcess) => {
  const { facts, port = (facts as { port?: unknown } | undefined)?.port } = await agent.logged(
    'WhatsApp Cloud: the webhook listens',
  )
  const url = `http://127.0.0.1:${port}/webhooks/whatsapp`
  return {
    url,
    deliver: async (facts: Parameters<typeof toDelivery>[0]) => {
      const body = JSON.stringify(toDelivery(facts))
      const headers = { 'x-hub-signature-256': sign(body, CLOUD_SECRETS.appSecret) }
      return (await fetch(url, { method: 'POST', body, headers })).status
    },
  }
}

const readHealth = async (agent: AgentProcess): Promise<{ ready: boolean; channel?: { state: string } }> => {
  const { healthPort } = await agent.logged('starting')
  return JSON.parse(await (await fetch(`http://127.0.0.1:${healthPort}/health`)).text())
}

/** What was cut off in the middle waits 20 s for what Meta says of it. */
const TEST_MS_MAX = 60_000

describe('an agent on the Cloud API', { timeout: TEST_MS_MAX }, () => {
  it('answers whom it knows, in its process as its environment says, and says nothing of it in its log', async () => {
    await using stage = await startStage()
    await using agent = stage.startAgent()
    await stage.hub.online()
    const meta = await reach(agent)
    const query = `hub.mode=subscribe&hub.verify_token=${CLOUD_SECRETS.verifyToken}&hub.challenge=42`
    expect(await (await fetch(`${meta.url}?${query}`)).text()).toBe('42')
    expect(await meta.deliver({ messages: [toTextMessage('let me in', Date.now(), BEN)] })).toBe(200)
    expect(await meta.deliver({ messages: [toTextMessage('my cat is called Mia', Date.now())] })).toBe(200)
    await stage.graph.arrivals.until(({ body }) => body['status'] === 'read')
    await stage.graph.arrivals.until(({ body }) => body['type'] === 'text')
    expect(stage.graph.taken).toMatchObject([{ to: `+${ANNA}`, text: expect.stringContaining('my cat is called Mia') }])
    await agent.logged('WhatsApp Cloud: message accepted')
    expect(await readHealth(agent)).toMatchObject({ ready: true, channel: { state: 'open' } })
    agent.signal('SIGTERM')
    expect(await agent.exited).toBe(0)
    const secrets = ['Mia', 'let me', ANNA, BEN, 'wamid', GRAPH_ACCOUNT.accessToken, ...Object.values(CLOUD_SECRETS)]
    for (const secret of secrets) expect(agent.stdout + agent.stderr).not.toContain(secret)
  })

  it('answers after it was killed what Meta was told is stored, and once', async () => {
    await using stage = await startStage()
    const message = toTextMessage('hello', Date.now())
    {
      await using agent = stage.startAgent()
      expect(await (await reach(agent)).deliver({ messages: [message] })).toBe(200)
    }
    await using agent = stage.startAgent()
    const meta = await reach(agent)
    for (const taken of stage.graph.taken) await meta.deliver({ statuses: [toStatus(taken, 'sent')] })
    expect(await meta.deliver({ messages: [message] })).toBe(200)
    expect(await meta.deliver({ messages: [toTextMessage('and now?', Date.now())] })).toBe(200)
    while (!stage.graph.texts.some((text) => text.includes('and now?'))) await stage.graph.arrivals.next()
    expect(stage.graph.texts.filter((text) => text.includes('hello'))).toHaveLength(1)
  })

  it('is not ready while Meta refuses its token', async () => {
    await using stage = await startStage()
    stage.graph.accessToken = 'another'
    await using agent = stage.startAgent()
    await stage.hub.online()
    await stage.graph.arrivals.next()
    await agent.logged('WhatsApp Cloud: the webhook listens')
    let health = await readHealth(agent)
    while (health.channel?.state !== 'token-refused') health = await readHealth(agent)
    expect(health).toMatchObject({ ready: false, channel: { advice: expect.stringContaining('ACCESS_TOKEN') } })
    agent.signal('SIGTERM')
    expect(await agent.exited).toBe(0)
  })
})
