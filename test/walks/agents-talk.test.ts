import { type AgentOptions, createAgent, type PeerAudit, type ShownMessage, type SocialOptions } from '@ai-comms/agent'
import { expect, test } from 'vitest'
import { Inbox } from '../helpers/inbox.ts'
import { connect } from '../helpers/peer.ts'
import { startHub, type TestHub } from '../helpers/start-hub.ts'
import { within } from '../helpers/within.ts'

const SECRET = 'a shared secret of at least 32 bytes'
const TEAM = 'Research Team'

/** An agent that joins a hub, and everything it is shown. */
const join = async (hub: TestHub, name: string, social: SocialOptions = {}, more: Partial<AgentOptions> = {}) => {
  const shown = new Inbox<ShownMessage>()
  const audits = new Inbox<PeerAudit>()
  const agent = createAgent({
    ...{ name, skills: [`skill of ${name}`], hubUrl: hub.url, hubSecret: hub.secret, drainMs: 0 },
    onTask: () => 'done',
    peers: {
      secret: SECRET,
      encryptionKey: SECRET,
      onQuestion: async ({ text }) => `${name} on: ${text}`,
      onGroupMessage: (_group, message) => shown.put(message),
      onAudit: (entry) => audits.put(entry),
      ...social,
    },
    ...more,
  })
  await agent.start()
  const { peers } = agent
  if (!peers) throw new Error('The agent does not know others')
  return { agent, peers, shown, audits, [Symbol.asyncDispose]: () => agent.stop() }
}

type Joined = Awaited<ReturnType<typeof join>>

const transcriptOf = ({ peers }: Joined) =>
  (peers.groups.show(TEAM, 100)?.messages ?? []).map(({ author, text }) => `${author}: ${text}`)

/** When everything is confirmed nobody has a reason to say anything. */
const untilConfirmed = (agents: readonly Joined[]) =>
  within(Promise.all(agents.map(({ peers }) => peers.groups.idle())), 'the confirmations')

const relayed = (hub: TestHub) => hub.events.filter(({ type }) => type === 'message.relayed').length

test('a question to a group of three agents gets three authored answers, everybody reads the same, and then nobody speaks', async () => {
  await using hub = await startHub()
  await using atlas = await join(hub, 'Atlas')
  await using nova = await join(hub, 'Nova')
  await using bolt = await join(hub, 'Bolt')
  const all = [atlas, nova, bolt]
  const made = await atlas.peers.groups.create({
    name: TEAM,
    members: [{ agentName: 'nova' }, { agentName: 'Bolt' }],
    owner: 'mia',
  })
  expect(made).toMatchObject({ ok: true, missing: [], group: { members: ['Atlas', 'Nova', 'Bolt'] } })
  await untilConfirmed(all)

  atlas.peers.groups.say(TEAM, 'What is quantum error correction?', 'Mia')
  for (const name of ['Atlas', 'Nova', 'Bolt']) {
    const answer = await atlas.shown.take(({ author }) => author === name, `the answer of ${name}`)
    expect(answer).toMatchObject({ kind: 'agent', text: `${name} on: What is quantum error correction?` })
  }
  await untilConfirmed(all)
  expect(transcriptOf(atlas)).toHaveLength(4)
  for (const agent of [nova, bolt]) expect(transcriptOf(agent)).toEqual(transcriptOf(atlas))

  const before = relayed(hub)
  const last = await atlas.peers.ask({ to: { agentName: 'Nova' }, text: 'Anything else?', intent: 'chat' })
  expect(last).toEqual({ status: 'answered', text: 'Nova on: Anything else?', isProven: true })
  expect(relayed(hub) - before).toBe(2)
})

test('an agent that comes is known to those who know envelopes, by id and name', async () => {
  await using hub = await startHub()
  await using atlas = await join(hub, 'Atlas', { agentId: 'atlas_001' }, {})
  await using _old = await connect(hub, { name: 'old-timer', skills: ['old'] })
  await using nova = await join(hub, 'Nova')
  await atlas.audits.take(({ type }) => type === 'peer.registered' || type === 'peer.refused', 'the announcement')
  const names = (await nova.agent.listAgents()).map(({ name, isOnline, skills }) => ({ name, isOnline, skills }))
  expect(names).toEqual([
    { name: 'Atlas', isOnline: true, skills: ['skill of Atlas'] },
    { name: 'Nova', isOnline: true, skills: ['skill of Nova'] },
    { name: 'old-timer', isOnline: true, skills: ['old'] },
  ])
})

test('an agent that keeps to itself lists the others all the same, and hears none of them', async () => {
  await using hub = await startHub()
  await using nova = await join(hub, 'Nova')
  const options = { name: 'Loner', hubUrl: hub.url, hubSecret: hub.secret, onTask: () => 'done', drainMs: 0 }
  await using loner = createAgent(options)
  await loner.start()
  expect(loner.peers).toBeUndefined()
  expect((await loner.listAgents()).map(({ name }) => name)).toEqual(['Loner', 'Nova'])
  expect(await nova.peers.ask({ to: { agentName: 'Lonr' }, text: 'Hello?' })).toMatchObject({ near: ['Loner'] })
})

test('what is not signed gets no answer, and no word of why', async () => {
  await using hub = await startHub()
  await using atlas = await join(hub, 'Atlas')
  await using stranger = await connect(hub, { name: 'stranger', protocol: 2 })
  const refused = (why: string) =>
    atlas.audits.take((entry) => entry.type === 'peer.refused' && entry.why === why, `the refusal ${why}`)
  stranger.send({ type: 'agent-message', target: 'Atlas', message: 'Hello, who are you?' })
  await refused('bad_signature')
  const envelope = {
    ...{ protocol: 'ai-comms', version: '1.0', intent: 'chat', payload: 'Hi', conversationId: 'c' },
    from: { agentId: 's', agentName: 'stranger' },
    to: { agentId: 'broadcast' },
    timestamp: new Date().toISOString(),
  }
  stranger.send({ type: 'agent-message', target: 'Atlas', message: JSON.stringify(envelope) })
  await refused('bad_signature')
  stranger.send({ type: 'agent-message', target: 'Atlas', message: '{"protocol":"ai-comms"}' })
  await refused('bad_envelope')
  await stranger.settle()
  expect(stranger.seenOf('agent-message').map(({ message }) => String(message))).not.toContainEqual(
    expect.stringContaining('Atlas on:'),
  )
})

test('in a hub without a secret between agents, a plain text is answered in plain text, until it has been enough', async () => {
  await using hub = await startHub()
  const open = { secret: undefined, encryptionKey: undefined, turnsMax: 4 }
  await using atlas = await join(hub, 'Atlas', open)
  await using old = await connect(hub, { name: 'old-timer' })
  const say = (message: string) => old.send({ type: 'agent-message', target: 'Atlas', message })
  for (const text of ['Hello?', 'And now?']) {
    say(text)
    const answer = await within(old.next('agent-message'), 'an answer')
    expect(answer).toMatchObject({ from: 'Atlas', message: `Atlas on: ${text}` })
  }
  say('Still there?')
  await atlas.audits.take((entry) => entry.type === 'peer.ended' && entry.why === 'turns', 'the end')
  say('Hello again?')
  await atlas.audits.take((entry) => entry.type === 'peer.ended' && entry.why === 'ended', 'silence')
  await old.settle()
  expect(old.seenOf('agent-message')).toHaveLength(2)
})
