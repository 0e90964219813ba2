import { expect, test } from 'vitest'
import { buildHall } from '../test-support/build-hall.ts'
import type { CredentialEnd, Grant, TokenGrant } from './grant.ts'

const tokenOf = (id: string): TokenGrant => ({ kind: 'token', id, name: 'worker', scopes: ['agent'], expiresAt: 9 })
const endOf =
  (ended: string, why: CredentialEnd = 'revoked') =>
  (grant: Grant) =>
    grant.id === ended ? why : undefined

test('sessions end with their credential: told why, closed, gone at once; the others stay', () => {
  const hall = buildHall()
  const gone = hall.open({ name: 'worker', protocol: 2, instanceId: 'one' }, tokenOf('a'))
  const stays = hall.open({ name: 'worker' }, tokenOf('b'))
  const member = hall.open({ name: 'worker' })
  hall.hub.endSessions(endOf('a', 'expired'))
  expect(gone.transport.sentOf('error')).toEqual([
    { type: 'error', code: 'unauthorized', error: 'The token has expired; ask for a new one.' },
  ])
  expect([gone, stays, member].map(({ transport }) => transport.closedBy)).toEqual([
    'unauthorized',
    undefined,
    undefined,
  ])
  expect(hall.hub.sessionCount).toBe(2)
  expect(hall.eventsOf('session.credential-ended')).toEqual([
    { type: 'session.credential-ended', sessionId: gone.session.id, agent: 'worker', jti: 'a', why: 'expired' },
  ])
  hall.hub.endSessions(endOf('a'))
  hall.hub.closeSession(gone.session)
  expect(hall.eventsOf('session.closed')).toHaveLength(1)
})

test('nobody waits for the return of an instance whose token has ended: its tasks end at once', () => {
  const hall = buildHall()
  const { session } = hall.open({ name: 'worker', protocol: 2, instanceId: 'one' }, tokenOf('a'))
  const ends: string[] = []
  const id = hall.hub.tasks.submit(
    { agent: 'worker', message: 'x', sender: 'bot' },
    { ended: (task) => ends.push(task.state) },
    undefined,
  )
  hall.hub.tasks.accept(session, { type: 'task-accepted', requestId: id })
  hall.hub.endSessions(endOf('a'))
  expect(ends).toEqual(['failed'])
})
