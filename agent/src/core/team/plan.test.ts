import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Member } from './members.ts'
import { hasTeamCommand, readPlan, STEPS_MAX } from './plan.ts'

const MEMBERS: readonly Member[] = [
  { name: 'Atlas', skills: ['research', 'writing'], inFlight: 0 },
  { name: 'nova', skills: ['planning'], inFlight: 0 },
  { name: 'bolt', skills: ['coding'], inFlight: 0 },
]

const step = (id: string, more: object = {}) => ({ id, agent: 'Atlas', task: `do ${id}`, after: [], ...more })
const write = (...steps: object[]) => JSON.stringify({ steps })
const complaintsOf = (answer: string) => {
  const reading = readPlan(answer, MEMBERS)
  return reading.ok ? [] : reading.complaints
}
const planOf = (answer: string) => {
  const reading = readPlan(answer, MEMBERS)
  if (!reading.ok) throw new Error(reading.complaints.join(' '))
  return reading
}

describe('the plan of a model', () => {
  const good = write(step('a'), step('b', { agent: 'bolt', after: ['a'] }))

  it.each([
    ['alone', good],
    ['in a fence', `Here it is:\n\`\`\`json\n${good}\n\`\`\`\nGood luck!`],
    ['with prose and brackets around', `{I think} about [this] a lot. ${good} Is {that} "fine"?`],
    ['behind thoughts that hold a draft', `<think>${write(step('draft'))}</think>\n${good}`],
    ['behind a draft', `First: ${write(step('draft'))}. Better: ${good}`],
    ['as a bare list', JSON.stringify(JSON.parse(good).steps)],
    ['beside other members', JSON.stringify({ goal: 'x', steps: JSON.parse(good).steps, notes: [] })],
  ])('is found %s', (_where, answer) => {
    expect(planOf(answer).plan).toEqual({
      origin: 'model',
      steps: [
        { id: '1', agent: 'Atlas', skills: ['research', 'writing'], task: 'do a', after: [] },
        { id: '2', agent: 'bolt', skills: ['coding'], task: 'do b', after: ['1'] },
      ],
    })
  })

  it('is read whatever its members are called, with ids of any kind', () => {
    const answer = write({ assignee: '@ATLAS', instruction: 'one' }, { agent: 'nova', task: 'two', depends_on: 1 })
    expect(planOf(answer).plan.steps).toMatchObject([
      { id: '1', agent: 'Atlas', task: 'one' },
      { id: '2', agent: 'nova', task: 'two', after: ['1'] },
    ])
  })

  it('puts steps behind those that they need, and numbers them so', () => {
    const answer = write(step('last', { after: ['mid'] }), step('mid', { after: ['first'] }), step('first'))
    expect(planOf(answer).plan.steps).toMatchObject([
      { id: '1', task: 'do first', after: [] },
      { id: '2', task: 'do mid', after: ['1'] },
      { id: '3', task: 'do last', after: ['2'] },
    ])
  })

  it('maps near names and says so, and finds an agent for a skill', () => {
    const { plan, notes } = planOf(
      write(step('1', { agent: 'Atals' }), step('2', { agent: undefined, skill: 'Coding' })),
    )
    expect(plan.steps).toMatchObject([{ agent: 'Atlas' }, { agent: 'bolt', skills: ['Coding'] }])
    expect(notes).toEqual(['“Atals” was read as Atlas.'])
  })

  it('keeps the skill that a step asks for only where its agent has it', () => {
    const { plan } = planOf(write(step('1', { skill: 'writing' }), step('2', { skill: 'cooking' })))
    expect(plan.steps.map(({ skills }) => skills)).toEqual([['writing'], ['research', 'writing']])
  })

  it.each([
    ['nothing', '', /no JSON object/],
    ['prose', 'I cannot do this.', /no JSON object/],
    ['no steps', '{"steps":[]}', /no JSON object/],
    ['a broken object', '{"steps":[{"id":1,', /no JSON object/],
    ['too many steps', write(...Array.from({ length: STEPS_MAX + 1 }, (_, at) => step(`${at}`))), /21 steps; 20 are/],
    ['an unknown agent', write(step('1', { agent: 'zeppelin' })), /zeppelin, whom nobody knows; there are Atlas, nova/],
    ['an unknown skill', write(step('1', { agent: undefined, skill: 'cooking' })), /cooking, which nobody has/],
    ['nobody', write({ task: 'x' }), /names no "agent"/],
    ['no task', write(step('1', { task: ' ' })), /Step 1 has no "task"/],
    ['a task that is too long', write(step('1', { task: 'x'.repeat(10_001) })), /more than 10000 characters/],
    ['an id twice', write(step('1'), step('1')), /Two steps have the id 1/],
    ['an unknown need', write(step('1', { after: ['9'] })), /Step 1 needs step 9, which is not in the plan/],
    ['a need of itself', write(step('1', { after: ['1'] })), /circle: 1\./],
    ['a circle', write(step('1'), step('2', { after: ['3', '1'] }), step('3', { after: ['2'] })), /circle: 2, 3\./],
    ['a team', write(step('1', { task: 'say !team go' })), /may not start a team/],
  ])('is refused with %s', (_what, answer, complaint) => {
    expect(complaintsOf(answer)).toEqual([expect.stringMatching(complaint)])
  })

  it('tells everything that is wrong at once, within reason', () => {
    expect(complaintsOf(write(step('1', { agent: 'zeppelin', task: '' }), step('2', { after: ['9'] })))).toHaveLength(3)
    const many = Array.from({ length: 20 }, (_, at) => step(`${at}`, { agent: 'zeppelin', task: '' }))
    expect(complaintsOf(write(...many))).toHaveLength(10)
  })

  it('knows the command of a team in every spelling, and nothing else', () => {
    for (const text of ['!team x', 'a\n!TEAM', '(！team x)', '"! team"']) expect(hasTeamCommand(text), text).toBe(true)
    for (const text of ['!teams', 'Go team!', 'x!team', '!team-work', 'team'])
      expect(hasTeamCommand(text), text).toBe(false)
  })

  it('whatever is written, is refused with a reason or can be run in its order', () => {
    const id = fc.constantFrom('1', '2', '3', '4', 2)
    const draft = fc.record(
      {
        id,
        agent: fc.constantFrom('atlas', 'nova', 'bot', 'zz', 3),
        skill: fc.constantFrom('coding', ''),
        task: fc.constantFrom('x', '', '!team'),
        after: fc.oneof(id, fc.array(id, { maxLength: 3 })),
      },
      { requiredKeys: [] },
    )
    const answer = fc.oneof(
      fc.string(),
      fc.json(),
      fc.array(fc.constantFrom('{', '}', '[', ']', '"', '\\', 'steps', ':', ',')).map((parts) => parts.join('')),
      fc.array(fc.oneof(draft, fc.jsonValue()), { maxLength: 6 }).map((steps) => JSON.stringify({ steps })),
    )
    fc.assert(
      fc.property(answer, (text) => {
        const reading = readPlan(text, MEMBERS)
        if (!reading.ok) {
          expect(reading.complaints.length).toBeGreaterThan(0)
          return
        }
        const seen = new Set<string>()
        for (const { id: own, agent, task, after } of reading.plan.steps) {
          expect(after.every((each) => seen.has(each))).toBe(true)
          expect(MEMBERS.map(({ name }) => name)).toContain(agent)
          expect(hasTeamCommand(task) || task === '').toBe(false)
          seen.add(own)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('takes no longer than its text for what is made to be slow', () => {
    for (const text of ['{'.repeat(500_000), '{"'.repeat(250_000), `${'['.repeat(250_000)}${']'.repeat(250_000)}`]) {
      const startedAt = performance.now()
      expect(complaintsOf(text)).toHaveLength(1)
      expect(performance.now() - startedAt).toBeLessThan(3_000)
    }
  })
})
