import { describe, expect, it } from 'vitest'
import { settle } from '../../test-support/fake-clock.ts'
import type { Work } from '../../test-support/model-hub.ts'
import { CHAT, resultText, setUpTeams, THREE, writePlan } from '../../test-support/set-up-teams.ts'
import { StorageError } from '../failures.ts'
import { HubCallError } from '../hub-calls.ts'
import { MemoryTeamStore } from './memory-team-store.ts'
import type { TeamRun } from './team-run.ts'
import type { RunHead } from './team-store.ts'

const toHead = ({ steps: _steps, ...head }: TeamRun): RunHead => head

const DIAMOND = writePlan([
  { id: 'a', agent: 'atlas', skill: 'research', task: 'search', after: [] },
  { id: 'b', agent: 'bolt', task: 'code', after: [] },
  { id: 'c', agent: 'nova', task: 'compare', after: ['a', 'b'] },
])

describe('a team', () => {
  it('is planned, shown, worked in parallel with results as data, and reported with who did what', async () => {
    const team = setUpTeams({ answers: [DIAMOND, 'It is all well.'] })
    const ended = team.order('Look into it')
    await settle()
    expect(team.said[0]).toBe(
      'The plan has 3 steps:\n1. atlas: search\n2. bolt: code\n3. nova, after 1 and 2: compare\nStop with !team stop.',
    )
    expect([...team.hub.tasks.values()].map(({ agent }) => agent)).toEqual(['atlas', 'bolt'])
    await team.until(ended)
    const third = [...team.hub.tasks.values()][2]
    expect(third?.message).toContain('Do step 3 of 3')
    expect(third?.message).toContain(`[step atlas]\n${resultText('1')}\n[end]`)
    expect(third?.message).toContain(`[step bolt]\n${resultText('2')}\n[end]`)
    expect(third?.message).toContain('[human anna]\nLook into it\n[end]')
    expect(team.asked[1]?.text).toContain(`[step nova]\n${resultText('3')}\n[end]`)
    expect(team.said).toHaveLength(2)
    expect(team.said[1]).toBe(
      'It is all well.\n\nWho did what:\n✓ 1. search\n   atlas\n✓ 2. code\n   bolt\n✓ 3. compare\n   nova',
    )
    expect(team.shown[0]).toBe('Team: 0 of 3 steps done · atlas works on 1')
    expect(team.shown.at(-1)).toBe('Team: 3 of 3 steps done')
    expect(team.store.list()).toEqual([])
    expect(team.events.map(({ type }) => type)).toEqual([
      ...['team.started', 'team.planned', 'team.step-ended', 'team.step-ended', 'team.step-ended', 'team.ended'],
    ])
  })

  it('has its plan repaired once by the model, with what is wrong', async () => {
    const team = setUpTeams({ answers: [writePlan([{ id: '1', agent: 'zeppelin', task: 'x' }]), DIAMOND, 'Done.'] })
    await team.until(team.order('Look into it'))
    expect(team.asked[1]?.text).toContain('zeppelin, whom nobody knows; there are atlas, nova, bolt.')
    expect(team.said.at(-1)).toMatch(/^Done\./)
  })

  it('keeps what is done when a step fails, and skips what needs it with the reason', async () => {
    const work = (agent: string): Work => ({ afterMs: 10, does: agent === 'bolt' ? 'fail' : 'answer' })
    const team = setUpTeams({ answers: [DIAMOND, 'Half of it.'], work })
    await team.until(team.order('Look into it'))
    expect(team.said[1]).toBe(
      'Half of it.\n\nWho did what:\n✓ 1. search\n   atlas\n✗ 2. code\n   bolt: No ink.\n✗ 3. compare\n   It needs step 2, which has no result.',
    )
    expect(team.hub.tasks.size).toBe(2)
  })

  it('asks one other agent that has the skill when the first one fails', async () => {
    const work = (agent: string): Work => ({ afterMs: 10, does: agent === 'atlas' ? 'fail' : 'answer' })
    const plan = writePlan([
      { id: 'a', agent: 'atlas', skill: 'research', task: 'search' },
      { id: 'b', agent: 'atlas', skill: 'writing', task: 'write' },
    ])
    const team = setUpTeams({ answers: [plan, 'Half of it.'], work })
    await team.until(team.order('Look into it'))
    expect([...team.hub.tasks.values()].map(({ key, agent }) => `${key} ${agent}`)).toEqual([
      ...['team-r1-1-1 atlas', 'team-r1-2-1 atlas', 'team-r1-1-2 nova'],
    ])
    expect(team.said[1]).toContain('✓ 1. search\n   nova, after atlas failed: No ink.')
    expect(team.said[1]).toContain('✗ 2. write\n   atlas: No ink.')
  })

  it('gives a step up that takes too long, takes the task back, and lets another agent do it', async () => {
    const work = (agent: string): Work => ({ afterMs: 10, does: agent === 'atlas' ? 'hang' : 'answer' })
    const plan = writePlan([{ id: 'a', agent: 'atlas', skill: 'research', task: 'search' }])
    const team = setUpTeams({ answers: [plan], work, times: { stepMs: 5_000 } })
    await team.until(team.order('Look into it'))
    expect([...team.hub.tasks.values()].map(({ view }) => view.state)).toEqual(['failed', 'completed'])
    expect(team.said[1]).toBe(`nova (in place of atlas: Too late.):\n${resultText('1', 2)}`)
  })

  it('begins nothing any more when the time of the whole is over', async () => {
    const work = (): Work => ({ afterMs: 4_500, does: 'answer' })
    const plan = writePlan([
      { id: 'a', agent: 'atlas', task: 'search' },
      { id: 'b', agent: 'bolt', task: 'code', after: ['a'] },
    ])
    const team = setUpTeams({ answers: [plan, 'Half.'], work, times: { runMs: 5_000 } })
    await team.until(team.order('Look into it'))
    expect(team.said[1]).toContain('✗ 2. code\n   bolt: The time of the whole team was over.')
  })

  it('is not shown a model’s nonsense: the report without one is the agents’ own words', async () => {
    const team = setUpTeams({ answers: [DIAMOND, new Error('all rest')] })
    await team.until(team.order('Look into it'))
    expect(team.said[1]).toBe(
      [
        'No model could put the results together; these are the agents’ own words.',
        ...['1. atlas', '2. bolt', '3. nova'].map((who, at) => `${who}:\n${resultText(`${at + 1}`)}`),
      ].join('\n\n'),
    )
    expect(team.events).toContainEqual(expect.objectContaining({ type: 'team.unasked', for: 'report' }))
  })
})

describe('a team without a plan', () => {
  it('of a model that cannot be asked goes by skills and says so, and asks for no report', async () => {
    const team = setUpTeams({ hasModel: false })
    await team.until(team.order('research the coding'))
    expect(team.said[0]).toBe(
      'No model can be asked for a plan at the moment, so the task goes as it is to whom its words fit best: atlas, nova and bolt. Stop with !team stop.',
    )
    expect([...team.hub.tasks.values()].map(({ message }) => message)).toEqual(Array(3).fill('research the coding'))
    expect(team.said[1]).toContain(`3. bolt:\n${resultText('3')}`)
    expect(team.asked).toEqual([])
  })

  it.each([
    ['fails', [new Error('all rest')], 'No model can be asked', 1],
    ['echoes', ['This is an echo', 'This is an echo'], 'The model gave no plan', 2],
    ['says nothing', [' '], 'No model can be asked', 1],
  ])('of a model that %s goes by skills and says so', async (_how, answers, sentence, asks) => {
    const team = setUpTeams({ answers })
    await team.until(team.order('coding'))
    expect(team.said[0]).toMatch(sentence)
    expect(team.asked).toHaveLength(asks)
    expect(team.said[1]).toBe(`bolt:\n${resultText('1')}`)
  })

  it('of one other agent gets the task as it is, whatever the model', async () => {
    const team = setUpTeams({ agents: [{ name: 'ME', skills: [] }, ...THREE.slice(0, 1)] })
    await team.until(team.order('Do it'))
    expect(team.said).toEqual([
      'atlas is the only other agent online and gets the task as it is.',
      `atlas:\n${resultText('1')}`,
    ])
    expect([...team.hub.tasks.values()][0]?.message).toBe('Do it')
    expect(team.asked).toEqual([])
  })

  it('of nobody says so, and so does a hub that is away', async () => {
    const alone = setUpTeams({ agents: [{ name: 'me', skills: [] }] })
    await alone.until(alone.order('Do it'))
    expect(alone.said).toEqual(['No other agent is online, so there is no team to ask.'])
    const listAgents = async () => {
      throw new HubCallError('unreachable', 'The hub cannot be reached: nothing listens there.', { isPassing: true })
    }
    const away = setUpTeams({ hub: (hub) => Object.assign(hub, { listAgents }) })
    await away.until(away.order('Do it'))
    expect(away.said).toEqual(['There is no team to ask: The hub cannot be reached: nothing listens there.'])
    expect(away.store.list()).toEqual([])
  })

  it.each([
    ['', 'Write what the team is to do'],
    ['  ', 'Write what the team is to do'],
    ['x'.repeat(10_001), 'at most 10000 characters'],
    ['ask them to !team it', 'cannot start a team'],
  ])('is not begun for a task that cannot be one', async (text, sentence) => {
    const team = setUpTeams()
    await team.order(text)
    expect(team.said).toEqual([expect.stringContaining(sentence)])
    expect(team.store.list()).toEqual([])
  })

  it('is not begun while another one works in the chat, nor while nothing can be written', async () => {
    const team = setUpTeams({ hasModel: false })
    const first = team.order('coding')
    await settle()
    await team.order('research')
    expect(team.said.at(-1)).toMatch(/^A team is at work in this chat already/)
    await team.until(first)
    const full = setUpTeams({ store: new MemoryTeamStore({ runsMax: 0, charsMax: 0 }) })
    await full.order('coding')
    expect(full.said).toEqual(['The agent cannot write to its disk at the moment, so no team was started.'])
    expect(full.hub.tasks.size).toBe(0)
  })

  it('hands nothing out that it cannot write down', async () => {
    class FullStore extends MemoryTeamStore {
      override saveStep(): void {
        throw new StorageError('SQLITE_FULL')
      }
    }
    const team = setUpTeams({ answers: [DIAMOND], store: new FullStore() })
    await team.until(team.order('Look into it'))
    expect(team.hub.tasks.size).toBe(0)
    expect(team.said[1]).toContain('The agent cannot write to its disk at the moment, so the step was not handed out.')
  })
})

describe('a plan', () => {
  it('that cannot be written down hands nothing out: after a restart another one would be made', async () => {
    class NoRoom extends MemoryTeamStore {
      override saveRun(run: RunHead): void {
        if (run.plan) throw new StorageError('SQLITE_FULL')
        super.saveRun(run)
      }
    }
    const team = setUpTeams({ answers: [DIAMOND], store: new NoRoom() })
    await team.until(team.order('Look into it'))
    expect(team.hub.tasks.size).toBe(0)
    expect(team.said).toEqual(['The agent cannot write to its disk at the moment, so no team was started.'])
    expect(team.events).toContainEqual(expect.objectContaining({ type: 'team.unsaved', code: 'SQLITE_FULL' }))
  })
})

describe('a team that is stopped', () => {
  it('cancels what runs, begins nothing, and reports what is done without a model', async () => {
    const work = (agent: string): Work => ({ afterMs: 10, does: agent === 'atlas' ? 'answer' : 'hang' })
    const team = setUpTeams({ answers: [DIAMOND], work })
    const ended = team.order('Look into it')
    await settle()
    team.clock.pass(20)
    await settle()
    expect(await team.until(team.teams.stop(CHAT))).toBe(true)
    await ended
    expect([...team.hub.tasks.values()].map(({ view }) => view.state)).toEqual(['completed', 'canceled'])
    expect(team.said[1]).toBe(
      `The team was stopped.\n\n1. atlas:\n${resultText('1')}\n\n2. Not done: It was stopped.\n\n3. Not done: It was stopped.`,
    )
    expect(team.store.list()).toEqual([])
  })

  it('while the model thinks has done nothing', async () => {
    const team = setUpTeams({ answers: [DIAMOND] })
    const ended = team.order('Look into it')
    const stopped = team.teams.stop(CHAT)
    await team.until(Promise.all([ended, stopped]))
    expect(team.said).toEqual(['The team was stopped before there was a plan.'])
    expect(team.hub.tasks.size).toBe(0)
  })

  it('cancels the task whose confirmation was lost, too', async () => {
    let calls = 0
    const team = setUpTeams({
      hasModel: false,
      work: () => ({ afterMs: 0, does: 'hang' }),
      trouble: () => (calls++ === 0 ? 'lost-back' : 'none'),
    })
    const ended = team.order('coding')
    await settle()
    await team.until(team.teams.stop(CHAT))
    await ended
    expect([...team.hub.tasks.values()].map(({ view }) => view.state)).toEqual(['canceled'])
  })

  it('is told so where there is none', async () => {
    const team = setUpTeams()
    expect(await team.teams.stop(CHAT)).toBe(false)
    expect(team.said).toEqual(['No team is at work in this chat.'])
  })
})

describe('a team over a restart', () => {
  it('goes on: what is done is not done again, what runs is picked up, and one report comes', async () => {
    const work = (agent: string): Work => ({ afterMs: agent === 'atlas' ? 10 : 5_000, does: 'answer' })
    const team = setUpTeams({ answers: [DIAMOND, 'All of it.'], work })
    void team.order('Look into it')
    await settle()
    team.clock.pass(20)
    await settle()
    await team.teams.close()
    expect(team.said).toHaveLength(1)
    const next = team.build()
    expect(team.store.list()[0]?.steps.get('1')).toMatchObject({ state: 'done' })
    await team.until(next.resume())
    expect([...team.hub.tasks.values()].map(({ key }) => key)).toEqual(['team-r1-1-1', 'team-r1-2-1', 'team-r1-3-1'])
    expect(team.said).toHaveLength(2)
    expect(team.said[1]).toMatch(/^All of it\./)
    expect(team.store.list()).toEqual([])
  })

  it('learns how a step ended whose time was over meanwhile', async () => {
    const team = setUpTeams({ hasModel: false, work: () => ({ afterMs: 10, does: 'answer' }) })
    void team.order('coding')
    await settle()
    await team.teams.close()
    team.clock.pass(100_000_000)
    await team.until(team.build().resume())
    expect(team.said[1]).toBe(`bolt:\n${resultText('1')}`)
    expect(team.hub.tasks.size).toBe(1)
  })

  it('and stopped, cancels also what the process before may have sent, though the hub is away at first', async () => {
    let calls = 0
    const team = setUpTeams({
      hasModel: false,
      work: () => ({ afterMs: 10, does: 'hang' }),
      trouble: () => (['lost-back', 'lost-there', 'none'] as const)[calls++] ?? 'none',
    })
    void team.order('coding')
    await settle()
    await team.teams.close()
    const [run] = team.store.list()
    expect(run?.steps.get('1')).toMatchObject({
      state: 'running',
      current: expect.not.objectContaining({ taskId: expect.anything() }),
    })
    if (run) team.store.saveRun({ ...toHead(run), isStopped: true })
    await team.until(team.build().resume())
    expect([...team.hub.tasks.values()].map(({ view }) => view.state)).toEqual(['canceled'])
  })

  it('is still stopped when it was', async () => {
    const team = setUpTeams({ hasModel: false, work: () => ({ afterMs: 10, does: 'hang' }) })
    void team.order('coding')
    await settle()
    await team.teams.close()
    const [run] = team.store.list()
    if (!run) throw new Error('There is no run')
    team.store.saveRun({ ...toHead(run), isStopped: true })
    await team.until(team.build().resume())
    expect([...team.hub.tasks.values()].map(({ view }) => view.state)).toEqual(['canceled'])
    expect(team.said[1]).toMatch(/^The team was stopped\./)
  })
})
