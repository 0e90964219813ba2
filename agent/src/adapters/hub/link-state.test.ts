import { describe, expect, it } from 'vitest'
import { findAttempt, findSocket, LINK_MOVES, type LinkName, mayLinkMove } from './link-state.ts'

const NAMES = Object.keys(LINK_MOVES) as LinkName[]

describe('the states of the link', () => {
  it('can all be reached, and all but the last can stop', () => {
    const reached = new Set<LinkName>(['idle'])
    for (const name of reached) for (const next of LINK_MOVES[name]) reached.add(next)
    expect([...reached].sort()).toEqual([...NAMES].sort())
    for (const name of NAMES) expect(mayLinkMove(name, 'stopped')).toBe(name !== 'stopped')
  })

  it('come online only through a greeting, and connect again only after a wait', () => {
    expect(NAMES.filter((name) => mayLinkMove(name, 'online'))).toEqual(['greeting'])
    expect(NAMES.filter((name) => mayLinkMove(name, 'connecting'))).toEqual(['idle', 'waiting'])
  })

  it('have a socket only while there is one', () => {
    expect(findSocket({ name: 'connecting', socket: 's', attempt: 3 })).toBe('s')
    expect(findSocket({ name: 'waiting', attempt: 3 })).toBeUndefined()
    expect(findAttempt({ name: 'waiting', attempt: 3 })).toBe(3)
    expect(findAttempt({ name: 'idle' })).toBe(0)
  })
})
