import { describe, expect, test } from 'vitest'
import { settle } from '../../test-support/fake-clock.ts'
import { NOW, setUpCommands, UNREACHABLE } from '../../test-support/set-up-commands.ts'
import { HubCallError } from '../hub-calls.ts'
import type { PeerAnswer, PeerRequest } from '../peers.ts'
import { tellAge } from './agent-lines.ts'

const noSuchAgent = (suggestions: readonly string[] = []) =>
  new HubCallError('agent_not_found', 'No agent of this name is connected.', { suggestions })

/** Commands whose hub fails, and a peer that is asked over another channel. */
const setUpElsewhere = (failure: HubCallError, answer: PeerAnswer | Promise<PeerAnswer> = { status: 'silent' }) => {
  const requests: PeerRequest[] = []
  const askPeer = async (request: PeerRequest) => {
    requests.push(request)
    return answer
  }
  const stage = setUpCommands({ askPeer })
  stage.hub.failure = failure
  return { ...stage, requests }
}

describe('!agents', () => {
  test.each(['!agents', '!agents list', '!Agents STATUS'])(
    '%s shows the hub, everybody there, and who only announced itself',
    async (text) => {
      const { give } = setUpCommands()
      expect((await give(text)).text.split('\n')).toEqual([
        'Hub: ok, 2 agent(s) online, up 2 h',
        '• atlas: this agent · local · sums · free · seen 5 s ago',
        '• Network AI: 2 in flight · seen 5 s ago',
        '• pico: home · lamps · not at the hub · seen 2 h ago',
      ])
    },
  )

  test('lists who is known from before while the hub cannot be asked, and says so', async () => {
    const listings = [{ name: 'pico', workspace: '', skills: [], isOnline: true, lastSeenAt: NOW - 60_000 }]
    const stage = setUpCommands({ listAgents: async () => listings })
    stage.hub.failure = UNREACHABLE
    expect(await stage.give('!agents')).toEqual({
      text: 'The hub cannot be asked at the moment: The hub cannot be reached.\nKnown from before:\n• pico: seen 1 min ago',
      outcome: 'done',
    })
  })

  test('says that nobody is known at all', async () => {
    const stage = setUpCommands({ listAgents: async () => [] })
    stage.hub.failure = UNREACHABLE
    expect((await stage.give('!agents')).text).toMatch(/\nNobody is known from before\.$/)
  })

  test('lists so many and counts the rest', async () => {
    const many = Array.from({ length: 53 }, (_, place) => ({ name: `a${place}`, workspace: '', skills: [] }))
    const { give } = setUpCommands({ listAgents: async () => many })
    const lines = (await give('!agents')).text.split('\n')
    expect([lines.length, lines.at(-1)]).toEqual([52, '… and 3 more'])
  })

  test('sends a task as it was written to the name in quotes, and says who answered', async () => {
    const { give, hub, said, delegated } = setUpCommands()
    const { text } = await give('!agents send "Network AI": look at\n\n  the router')
    expect(hub.asked).toEqual([
      { target: { agent: 'Network AI' }, message: 'look at\n\n  the router', sender: 'Atlas' },
    ])
    expect([said, text, delegated]).toEqual([['Asking Network AI …'], 'atlas: done', ['atlas t1']])
  })

  test('tells the near names that the hub knows, or those that announced themselves', async () => {
    const { give, hub, delegated } = setUpCommands()
    hub.failure = noSuchAgent(['atlas'])
    expect(await give('!agents send atls x')).toEqual({
      text: 'No agent of this name is connected. Did you mean atlas?',
      outcome: 'refused',
    })
    hub.failure = noSuchAgent()
    expect((await give('!agents send pco x')).text).toBe('No agent of this name is connected. Did you mean pico?')
    expect(delegated).toEqual([])
  })

  test.each([noSuchAgent(), UNREACHABLE])(
    'asks a peer over another channel where it is not to be had by the hub: %s',
    async (failure) => {
      const stage = setUpElsewhere(failure, { status: 'answered', text: 'the lamps are on', isProven: true })
      expect((await stage.give('!agents send PICO: lamps?')).text).toBe('pico: the lamps are on')
      expect(stage.requests).toEqual([{ to: { agentName: 'pico' }, text: 'lamps?' }])
      expect(stage.delegated).toEqual(['pico none'])
    },
  )

  test.each<[PeerAnswer, string]>([
    [{ status: 'failed', text: 'no power' }, 'pico could not do it: no power'],
    [{ status: 'silent' }, 'pico did not answer in time.'],
    [{ status: 'unreachable' }, 'pico cannot be reached at the moment.'],
    [{ status: 'busy' }, 'Too many questions wait for an answer already; try again later.'],
    [{ status: 'loop' }, 'This was passed on too often.'],
    [{ status: 'refused' }, 'This cannot be sent to pico; a shorter text may do.'],
    [{ status: 'unknown', near: ['pica'] }, 'Nobody answers to the name pico. Did you mean pica?'],
  ])('says what came of it: %j', async (answer, text) => {
    const { give } = setUpElsewhere(UNREACHABLE, answer)
    expect(await give('!agents send pico lamps?')).toEqual({ text, outcome: 'refused' })
  })

  test('asks nobody over another channel who has not announced itself', async () => {
    const stage = setUpElsewhere(noSuchAgent())
    expect((await stage.give('!agents send atlas x')).text).toContain('No agent of this name is connected.')
    expect([stage.requests, stage.delegated]).toEqual([[], []])
  })

  test('asks nobody else where the hub may have handed the task over, and notes that', async () => {
    const stage = setUpElsewhere(new HubCallError('no_answer', 'The line broke.'))
    expect((await stage.give('!agents send pico lamps?')).text).toBe('The line broke.')
    expect([stage.requests, stage.delegated]).toEqual([[], ['pico none']])
  })

  test('does not wait for a peer any longer than the person does', async () => {
    const { promise, resolve } = Promise.withResolvers<PeerAnswer>()
    const { give, requests } = setUpElsewhere(UNREACHABLE, promise)
    const abort = new AbortController()
    const outcome = give('!agents send pico lamps?', {}, abort.signal)
    await settle()
    expect(requests).toHaveLength(1)
    abort.abort()
    expect(await outcome).toEqual({ text: 'The answer is not waited for any more.', outcome: 'refused' })
    resolve({ status: 'silent' })
  })

  test('asks everybody, and says who failed and why', async () => {
    const { give, hub, delegated } = setUpCommands()
    expect((await give('!agents all how are you?')).text).toBe('atlas: well\n\nnova: (failed) The agent is gone.')
    expect([hub.asked, delegated]).toEqual([['how are you?'], ['atlas none', 'nova none']])
  })

  test.each(['!agents send', '!agents send atlas', '!agents send :', '!agents all', '!agents dance'])(
    '%s is shown how it is written',
    async (text) => {
      const { give, hub } = setUpCommands()
      expect((await give(text)).text).toContain('Write it like this:')
      expect(hub.asked).toEqual([])
    },
  )

  test('takes a slip of the pen for what it is', async () => {
    const { give } = setUpCommands()
    expect((await give('!agents lst')).text).toBe('!agents has no "lst". Did you mean !agents list?')
  })

  test.each([
    [0, '0 s ago'],
    [-5_000, '0 s ago'],
    [90_000, '2 min ago'],
    [7_200_000, '2 h ago'],
    [300_000_000, '3 days ago'],
  ])('tells an age of %i ms as %s', (ageMs, text) => {
    expect(tellAge(ageMs)).toBe(text)
  })
})
