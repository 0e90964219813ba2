import { type EnvelopeDraft, KeyRing, seal, toPlainEnvelope } from '@ai-comms/shared'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PeerNetwork, SECRET, type TestPeer } from '../test-support/peer-network.ts'
import { MemoryReplayStore } from './envelopes/memory-replay-store.ts'
import { MessengerCarrier } from './envelopes/messenger-carrier.ts'
import { StorageError } from './failures.ts'
import type { Messenger } from './messenger.ts'

const RING = KeyRing.fromSecrets({ signing: SECRET, encryption: SECRET })
const WHY = 'peer.refused'
const whysOf = ({ audits }: TestPeer) => audits.flatMap((entry) => (entry.type === WHY ? [entry.why] : []))

const draft = (more: Partial<EnvelopeDraft> = {}): EnvelopeDraft => ({
  from: { agentId: 'nova_001', agentName: 'Nova' },
  to: { agentId: 'atlas_001', agentName: 'Atlas' },
  intent: 'chat',
  payload: 'How are you?',
  conversationId: 'c1',
  ...more,
})
const sealed = (network: PeerNetwork, more: Partial<EnvelopeDraft> = {}, ring = RING): string => {
  const written = seal(draft(more), ring, { now: network.clock.now() })
  if (!written.ok) throw new Error(written.detail)
  return written.text
}

/** Two agents; what Nova gets is not answered by anybody, so that the test speaks for it. */
const setUp = (more: Parameters<PeerNetwork['add']>[1] = {}) => {
  const network = new PeerNetwork()
  const atlas = network.add('Atlas', more)
  const receive = async (text: string, address = 'Nova') => {
    await atlas.peers.receive({ carrier: 'hub', address, text })
    await network.arrive()
  }
  return { network, atlas, receive }
}

/** Lets time pass until a promise has its value. */
const finish = async <Value>(network: PeerNetwork, promise: Promise<Value>): Promise<Value> => {
  await network.rest()
  return promise
}

describe('two agents', () => {
  it('ask each other, and an answer is answered by nobody', async () => {
    const network = new PeerNetwork()
    const [atlas, nova] = [network.add('Atlas'), network.add('Nova')]
    for (const intent of ['chat', 'task-request'] as const) {
      const asking = atlas.peers.ask({ to: { agentName: 'nova' }, text: `A ${intent}?`, intent, hops: 2 })
      expect(await finish(network, asking)).toEqual({
        status: 'answered',
        text: `Nova on: A ${intent}?`,
        isProven: true,
      })
    }
    const peer = { agentId: 'atlas_001', agentName: 'Atlas' }
    expect(nova.asked).toMatchObject([
      { peer, isProven: true, hops: 2, intent: 'chat' },
      { peer, isProven: true, hops: 2, intent: 'task-request' },
    ])
    // an announcement, an identity, and for each question its answer
    expect(network.sent).toBe(6)
    await network.rest()
    expect(network.sent).toBe(6)
  })

  it('know each other after one of them came, each by one text', async () => {
    const network = new PeerNetwork()
    const nova = network.add('Nova')
    const agent = { workspace: '', inFlight: 0, lastSeen: '2026-01-01T00:00:00.000Z' }
    const hub = [
      { ...agent, name: 'Nova', skills: [], protocol: 2 },
      { ...agent, name: 'Atlas', skills: [], protocol: 2 },
      { ...agent, name: 'Old', skills: [], protocol: 1 },
    ]
    network.add('Old')
    const atlas = network.add('Atlas', { directory: { list: async () => hub } })
    await finish(network, atlas.peers.goOnline())
    expect(nova.peers.discovery.findPeer('Atlas')?.agentId).toBe('atlas_001')
    expect(atlas.peers.discovery.findPeer('Nova')?.agentId).toBe('nova_001')
    expect(network.sent).toBe(2)
    const listed = await atlas.peers.listAgents()
    expect(listed.map(({ name, agentId }) => [name, agentId])).toEqual([
      ['Atlas', undefined],
      ['Nova', 'nova_001'],
      ['Old', undefined],
    ])
  })

  it('tell a failure in one sentence that nobody answers', async () => {
    const network = new PeerNetwork()
    const atlas = network.add('Atlas')
    const nova = network.add('Nova', {
      answerPeer: async () => {
        throw new Error('the provider said: your key sk-123 is wrong')
      },
    })
    const asking = atlas.peers.ask({ to: { agentName: 'Nova' }, text: 'Well?' })
    expect(await finish(network, asking)).toEqual({ status: 'failed', text: 'The agent could not answer.' })
    expect(nova.audits).toContainEqual(expect.objectContaining({ type: 'peer.broken' }))
    expect(network.texts.join()).not.toContain('sk-123')
  })

  it('tell one more than can be answered that they are busy, whatever way the others came', async () => {
    const network = new PeerNetwork()
    const [atlas, bolt] = [network.add('Atlas'), network.add('Bolt')]
    network.add('Nova', { answerPeer: () => new Promise(() => {}) })
    const ask = ({ peers }: TestPeer) => peers.ask({ to: { agentName: 'Nova' }, text: 'Well?' })
    const making = atlas.peers.groups.create({ name: 'Two', members: [{ agentName: 'Nova' }], owner: 'mia' })
    await network.arrive()
    await making
    for (const text of ['Nova, one?', 'Nova, two?']) atlas.peers.groups.say('Two', text, 'Mia')
    const asked = Array.from({ length: 6 }, () => ask(atlas))
    await network.arrive()
    const beyond = ask(bolt)
    await network.arrive()
    expect(await beyond).toEqual({ status: 'failed', text: 'The agent is busy; try again later.' })
    await network.rest()
    for (const each of asked) expect(await each).toEqual({ status: 'silent' })
  })

  it('wait for an answer only so long, and tell near names of one that nobody has', async () => {
    const network = new PeerNetwork()
    const atlas = network.add('Atlas')
    network.add('Nova', { answerPeer: () => new Promise(() => {}) })
    expect(await finish(network, atlas.peers.ask({ to: { agentName: 'Nova' }, text: 'Well?', waitMs: 1_000 }))).toEqual(
      {
        status: 'silent',
      },
    )
    expect(await finish(network, atlas.peers.ask({ to: { agentName: 'Noav' }, text: 'Well?' }))).toEqual({
      status: 'unknown',
      near: ['Nova'],
    })
    const passedOn = atlas.peers.ask({ to: { agentName: 'Nova' }, text: 'Well?', hops: 9 })
    expect(await finish(network, passedOn)).toEqual({ status: 'loop' })
  })

  it('never talk for ever, whatever they answer and however they mark it', async () => {
    const answer = fc.record({
      text: fc.string({ maxLength: 4 }),
      intent: fc.constantFrom('chat', 'task-request'),
      isNew: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(answer), fc.integer({ min: 1, max: 12 }), async (answers, turnsMax) => {
        const { network, atlas } = setUp({ turnsMax })
        // a peer of another system: it answers everything, as a new text that names no question
        let hops = 0
        for (let count = 0; count < 100; count++) {
          const { text, intent, isNew } = answers.next().value as { text: string; intent: 'chat'; isNew: boolean }
          const conversationId = isNew ? `c${count}` : 'c'
          const sent = network.sent
          const payload = `${text}!${count % 30}`
          await atlas.peers.receive({
            ...{ carrier: 'hub', address: 'Nova' },
            text: sealed(network, { payload, intent, conversationId, hops: hops % 9 }),
          })
          hops += 1
          expect(network.sent - sent).toBeLessThanOrEqual(1)
        }
        const talk = atlas.audits.filter(
          (entry) => entry.type === 'peer.answered' && (entry.intent === 'chat' || entry.intent === 'task-response'),
        )
        // thirty at once, whatever it calls its texts
        expect(talk.length).toBeLessThanOrEqual(30)
      }),
      { numRuns: 15 },
    )
  })
})

describe('an agent that a peer writes to', () => {
  it('answers in the conversation, one hop further, to the question that was asked', async () => {
    const network = new PeerNetwork()
    const [atlas, nova] = [network.add('Atlas'), network.add('Nova')]
    const sentTo: string[] = []
    nova.peers.receive = async ({ text }) => void sentTo.push(text)
    const text = sealed(network, { intent: 'task-request', hops: 3, id: 'q1' })
    await atlas.peers.receive({ carrier: 'hub', address: 'Nova', text })
    await network.arrive()
    expect(sentTo.map((each) => JSON.parse(each))).toMatchObject([
      { intent: 'task-response', conversationId: 'c1', hops: 4, replyTo: 'q1', encrypted: true },
    ])
  })

  it.each(['task-response', 'info'] as const)('never answers %s', async (intent) => {
    const { network, receive } = setUp()
    network.add('Nova')
    await receive(sealed(network, { intent, payload: 'And you? Please answer!' }))
    expect(network.sent).toBe(0)
  })

  it('never answers what says that it is an answer', async () => {
    const { network, atlas, receive } = setUp()
    network.add('Nova')
    await receive(sealed(network, { replyTo: 'something from before the restart' }))
    expect(network.sent).toBe(0)
    expect(whysOf(atlas)).toEqual(['late'])
  })

  it('ends a conversation with one notice, for its people and for the peer', async () => {
    const { network, atlas, receive } = setUp({ turnsMax: 2 })
    network.add('Nova')
    for (const payload of ['One?', 'Two?', 'Three?']) await receive(sealed(network, { payload }))
    expect(atlas.notices).toHaveLength(1)
    // an answer and a notice
    expect(network.sent).toBe(2)
  })

  it('begins it anew for a person that asks in it, and not for work that is passed on', async () => {
    const { network, atlas, receive } = setUp({ turnsMax: 2 })
    network.add('Nova')
    for (const payload of ['One?', 'Two?']) await receive(sealed(network, { payload }))
    const answersAfter = async (hops: number, payload: string) => {
      const to = { agentName: 'Nova' }
      await finish(network, atlas.peers.ask({ to, text: `${payload} ${hops}`, conversationId: 'c1', hops }))
      const { sent } = network
      await receive(sealed(network, { payload }))
      return network.sent - sent
    }
    expect(await answersAfter(1, 'Three?')).toBe(0)
    expect(await answersAfter(0, 'Four?')).toBe(1)
  })

  it('takes an envelope once, after a restart too', async () => {
    const network = new PeerNetwork()
    const replay = new MemoryReplayStore()
    const first = network.add('Atlas', { replay })
    network.add('Nova')
    const text = sealed(network)
    await first.peers.receive({ carrier: 'hub', address: 'Nova', text })
    await first.peers.receive({ carrier: 'hub', address: 'Nova', text })
    const second = network.add('Atlas', { replay })
    await second.peers.receive({ carrier: 'hub', address: 'Nova', text })
    expect([whysOf(first), whysOf(second)]).toEqual([['replay'], ['replay']])
    expect(network.sent).toBe(1)
  })

  it('does not act on what it cannot remember', async () => {
    const replay = new MemoryReplayStore()
    replay.add = () => {
      throw new StorageError('SQLITE_FULL')
    }
    const { network, atlas, receive } = setUp({ replay })
    network.add('Nova')
    await receive(sealed(network))
    expect(whysOf(atlas)).toEqual(['storage'])
    expect(network.sent).toBe(0)
  })

  it('refuses in silence whatever the law of envelopes or its own refuses', async () => {
    const { network, atlas, receive } = setUp()
    network.add('Nova')
    const other = KeyRing.fromSecrets({ signing: 'another secret of at least 32 bytes' })
    const clear = KeyRing.fromSecrets({ signing: SECRET })
    const plain = toPlainEnvelope(draft(), { now: network.clock.now() })
    await receive('hello')
    await receive('{"protocol":"ai-comms"}')
    await receive(plain.ok ? plain.text : '')
    await receive(sealed(network, {}, other))
    await receive(sealed(network, {}, clear))
    await receive(sealed(network, { to: { agentId: 'bolt_001', agentName: 'Bolt' } }))
    await receive(sealed(network, { payload: 7 }))
    await receive(sealed(network), 'Eve')
    await receive(sealed(network, { from: { agentId: 'atlas_001', agentName: 'Atlas' } }), 'Atlas')
    expect(whysOf(atlas)).toEqual([
      ...['bad_signature', 'bad_envelope', 'bad_signature', 'unknown_key', 'downgrade'],
      ...['wrong_recipient', 'bad_payload', 'name_mismatch', 'own'],
    ])
    expect(network.sent).toBe(0)
  })

  it('lets nobody be invited by another than the creator, nor speak in a group it is not in', async () => {
    const { network, atlas, receive } = setUp()
    network.add('Nova')
    const charter = { groupId: 'g', name: 'G', mode: 'parallel', creator: 'bolt_001', version: 1, members: [] }
    await receive(sealed(network, { intent: 'group-invite', payload: charter }))
    const to = { groupId: 'g', groupName: 'G' }
    await receive(sealed(network, { intent: 'group-chat', to, payload: { text: 'hi' } }))
    await receive(sealed(network, { intent: 'group-invite', payload: { ...charter, creator: 'nova_001' } }))
    expect(whysOf(atlas)).toEqual(['not_the_creator', 'wrong_recipient', 'not_a_member'])
    expect(atlas.peers.groups.list()).toEqual([])
    expect(network.sent).toBe(0)
  })
})

describe('an agent with a human channel', () => {
  it('writes to a peer over the hub when it is there, and else to its chat', async () => {
    const network = new PeerNetwork()
    const chat: { id: string; text: string }[] = []
    const messenger: Messenger = {
      ...{ name: 'whatsapp', state: 'open' },
      ...{ start: async () => {}, stop: async () => {}, showProgress: async () => {}, showWorking: () => {} },
      findChat: (personId) => (personId.startsWith('44') ? { id: `${personId}@there`, isGroup: false } : undefined),
      send: async ({ id }, text, options) => {
        expect(options).toEqual({ isForMachines: true })
        chat.push({ id, text })
        return 'sent'
      },
    }
    let isAtHub = true
    const atlas = network.add('Atlas', {
      carriers: () => {
        const hub = network.carrierOf('Atlas')
        return [{ ...hub, isReachable: (peer) => isAtHub && hub.isReachable(peer) }, new MessengerCarrier(messenger)]
      },
    })
    const nova = network.add('Nova')
    const to = { agentName: 'Nova', chats: { whatsapp: '447700900123' } }
    expect(await finish(network, atlas.peers.ask({ to, text: 'By hub?' }))).toMatchObject({ status: 'answered' })
    expect(chat).toEqual([])
    isAtHub = false
    const asking = atlas.peers.ask({ to, text: 'By chat?' })
    await network.arrive()
    expect(chat.map(({ id }) => id)).toEqual(['447700900123@there'])
    const [letter] = chat
    void nova.peers.receive({ carrier: 'hub', address: 'Atlas', text: letter?.text ?? '' })
    expect(await finish(network, asking)).toMatchObject({ status: 'answered', text: 'Nova on: By chat?' })
  })
})
