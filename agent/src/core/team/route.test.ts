import { describe, expect, it } from 'vitest'
import type { Member } from './members.ts'
import { routeByWords } from './route.ts'

const MEMBERS: readonly Member[] = [
  { name: 'atlas', skills: ['research', 'writing'], inFlight: 2 },
  { name: 'nova', skills: ['analysis', 'planning'], inFlight: 1 },
  { name: 'bolt', skills: ['coding', 'automation'], description: 'Knows every database', inFlight: 3 },
]

const chosen = (text: string) => routeByWords(text, MEMBERS).steps.map(({ agent }) => agent)

describe('without a model a task goes', () => {
  it.each([
    ['to whom the person calls', 'Nova, write this up', ['nova']],
    ['to all whom the person calls', 'ask Bolt and atlas', ['atlas', 'bolt']],
    ['to whoever has the skill', 'research quantum computing', ['atlas']],
    ['to whoever has a form of it', 'plan a picnic', ['nova']],
    ['to everybody with a skill it speaks of', 'plan it, then do the coding', ['nova', 'bolt']],
    ['to whoever says of itself that it fits', 'why is my database slow?', ['bolt']],
  ])('%s: %s', (_where, text, agents) => {
    expect(chosen(text)).toEqual(agents)
    expect(routeByWords(text, MEMBERS)).toMatchObject({ origin: 'skills', steps: agents.map(() => ({ task: text })) })
  })

  it.each(['sing', '?!'])('to three who have least to do, when it fits nobody: %s', (text) => {
    const more = [...MEMBERS, { name: 'zed', skills: ['cooking'], inFlight: 0 }]
    const { origin, steps } = routeByWords(text, more)
    expect(origin).toBe('anybody')
    expect(steps.map(({ agent }) => agent)).toEqual(['zed', 'nova', 'atlas'])
  })

  it('to three at most', () => {
    const many = Array.from({ length: 9 }, (_, at) => ({ name: `a${at}`, skills: ['coding'], inFlight: 0 }))
    expect(routeByWords('coding', many).steps).toHaveLength(3)
  })
})
