import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { RestartableAgent } from '../helpers/agent-process.ts'
import { startHubProcess } from '../helpers/hub-process.ts'
import type { ModelAnswer, ModelRequest } from '../helpers/model-server.ts'
import { ANSWER_MS_MAX, WhatsAppStage } from '../helpers/whatsapp-stage.ts'
import { Person } from '../support/whatsapp-server/person.ts'

const PLAN = {
  steps: [
    { id: 'find', agent: 'Bolt', skill: 'research', task: 'Find out what floats.', after: [] },
    { id: 'think', agent: 'Zed', skill: 'analysis', task: 'Say how to bind it.', after: ['find'] },
  ],
}

const answer = ({ agent, system, question }: ModelRequest): ModelAnswer => {
  if (system.startsWith('You divide a task')) return JSON.stringify(PLAN)
  if (system.startsWith('A team of AI agents')) return 'A raft of cork, bound with hemp.'
  if (question.includes('binds a raft')) return `${agent} says that hemp does.`
  return `${agent} has done its step.`
}

/** What agents share that trust each other. */
const useSecrets = () => ({
  SECURITY_AGENT_SECRET: randomBytes(32).toString('hex'),
  SECURITY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
})

describe.concurrent('somebody who writes to an agent over WhatsApp', { timeout: 180_000 }, () => {
  test('makes a group with an agent that no hub knows, by its number, and both answer; all between them is sealed', async () => {
    await using stage = await WhatsAppStage.open({ script: answer, env: useSecrets() })
    const anna = await stage.join('Anna')
    const nova = stage.seat('Nova')
    await using agents = new AsyncDisposableStack()
    for (const agent of await Promise.all([stage.atlas.link(), nova.link()])) agents.use(agent)
    // one more device on the phone of the other agent reads along
    await using eavesdropper = await Person.join(stage.server, nova.phone)
    await anna.say(stage.atlas.phone, '!group create "Research Team" Nova +1 555 000 0003')
    await anna.expectReply('Asking Nova …', ANSWER_MS_MAX)
    await anna.expectReply(/^The group "Research Team" is made: Atlas and Nova/, ANSWER_MS_MAX)
    await anna.say(stage.atlas.phone, '!group send "Research Team" What binds a raft?')
    await anna.expectReply('[Research Team] Atlas: Atlas says that hemp does.', ANSWER_MS_MAX)
    await anna.expectReply('[Research Team] Nova: Nova says that hemp does.', ANSWER_MS_MAX)
    await anna.say(stage.atlas.phone, '!agents send Nova And alone: what binds a raft?')
    await anna.expectReply('Nova: Nova says that hemp does.', ANSWER_MS_MAX)

    const envelopes = eavesdropper.messages.map(({ text }) => text)
    expect(envelopes.length).toBeGreaterThan(3)
    for (const envelope of envelopes) {
      expect(JSON.parse(envelope)).toMatchObject({ protocol: 'ai-comms', encrypted: true })
      expect(envelope).not.toMatch(/raft|hemp/)
    }
    expect(stage.model.requests.map(({ agent }) => agent).sort()).toEqual(['Atlas', 'Nova', 'Nova'])
    expect(JSON.stringify(stage.model.requests)).not.toContain('ai-comms')
    // neither pretends to type for the other
    const typing = stage.server.seen.chatStates.all.filter(({ to }) => to === nova.phone.toJid('lid'))
    expect(typing).toEqual([])
  })

  test('has the agents of a hub work as a team, and reads who did what', async () => {
    await using hub = await startHubProcess()
    await using stage = await WhatsAppStage.open({ script: answer, hub, env: useSecrets() })
    const anna = await stage.join('Anna')
    await using workers = new AsyncDisposableStack()
    const startWorker = async (name: string, skill: string) => {
      const env = { ...stage.model.environmentOf(name), AGENT_NAME: name, AGENT_SKILLS: skill }
      await workers.use(new RestartableAgent(hub, stage.model.url, env)).start()
    }
    const [atlas] = await Promise.all([
      stage.atlas.link(),
      startWorker('Bolt', 'research'),
      startWorker('Zed', 'analysis'),
    ])
    await anna.say(stage.atlas.phone, '!team Find out how to build a raft')
    await anna.expectReply(/^The plan has 2 steps:\n1\. Bolt: .*\n2\. Zed, after 1: /m, ANSWER_MS_MAX)
    await anna.expectReply(
      /^A raft of cork, bound with hemp\.\n\nWho did what:\n✓ 1\. .*\n {3}Bolt\n✓ 2\. .*\n {3}Zed$/,
      ANSWER_MS_MAX,
    )
    expect(stage.model.requestsOf('Zed')[0]?.question).toContain('Bolt has done its step.')
    const delegated = stage.atlas.readAudit().filter(({ type }) => type === 'delegation')
    expect(delegated).toMatchObject([
      { channel: 'whatsapp', to: 'Bolt' },
      { channel: 'whatsapp', to: 'Zed' },
    ])
    expect(await atlas.stop()).toBe(0)
  })
})
