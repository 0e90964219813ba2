import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from './errors.ts'
import { type RegisterFrame, readRegistration } from './frames.ts'
import { catchRefusal } from './refusal.fixture.ts'

const read = (frame: unknown) => readRegistration(typeof frame === 'string' ? frame : JSON.stringify(frame))
const register = (given: object): RegisterFrame => read({ type: 'register', ...given }).parse()

describe('a registration', () => {
  test('as the documentation shows it is taken', () => {
    const frame = { name: 'network-ai', workspace: 'ai-comms', skills: ['networking', 'automation'], secret: 's' }
    expect(register(frame)).toEqual({ type: 'register', ...frame })
  })

  test('with nothing in it has its defaults', () => {
    expect(register({})).toEqual({ type: 'register', name: 'unnamed', workspace: '', skills: [] })
    expect(register({ name: '' }).name).toBe('unnamed')
  })

  test('of level 2 keeps what it says of itself; unknown members are dropped', () => {
    const level2 = { protocol: 2, instanceId: 'i', maxConcurrency: 1, description: 'd', version: '1' }
    expect(register({ name: 'a', ...level2, colour: 'red' })).toEqual({
      type: 'register',
      name: 'a',
      workspace: '',
      skills: [],
      ...level2,
    })
  })

  test('stores the name in NFKC', () => {
    expect(register({ name: 'Ｂｏｂ' }).name).toBe('Bob')
    expect(register({ name: 'e\u0301a' }).name).toBe('\u00e9a')
  })

  test.each([
    ['name', null],
    ['name', 5],
    ['name', ' a'],
    ['name', 'a'.repeat(65)],
    ['workspace', 'w'.repeat(257)],
    ['workspace', null],
    ['skills', 'one'],
    ['skills', [1]],
    ['skills', null],
    ['skills', Array(65).fill('s')],
    ['skills', ['s'.repeat(65)]],
    ['secret', 1],
    ['secret', null],
    ['protocol', '2'],
    ['protocol', 0],
    ['protocol', 1.5],
    ['instanceId', ''],
    ['instanceId', 'i'.repeat(129)],
    ['maxConcurrency', 0],
    ['maxConcurrency', 1.5],
    ['maxConcurrency', '3'],
    ['description', 'd'.repeat(1_025)],
    ['version', 'v'.repeat(65)],
    ['version', 2],
  ])('with %s %j is refused by the name of the member', (member, value) => {
    const error = catchRefusal(() => register({ [member]: value }))
    expect(error.code).toBe('bad_request')
    expect(error.detail).toMatch(new RegExp(`\\b${member === 'skills' ? 'skill' : member}`))
  })

  test('counts characters, not UTF-16 units', () => {
    expect(register({ workspace: '😀'.repeat(256), skills: ['😀'.repeat(64)] }).workspace).toBe('😀'.repeat(256))
    expect(catchRefusal(() => register({ workspace: '😀'.repeat(257) })).code).toBe('bad_request')
  })

  test('mends lone surrogates', () => {
    expect(register({ workspace: 'a\ud800', skills: ['\udfff'] })).toMatchObject({
      workspace: 'a\ufffd',
      skills: ['\ufffd'],
    })
  })

  test('shows its secret before anything else of it is looked at', () => {
    for (const secret of ['right', 7, null, ['x'], undefined]) {
      expect(read({ type: 'register', name: 17, secret }).secret).toEqual(secret)
    }
  })

  test.each(['', 'hello', '{', '[]', 'null', '"register"', '7', '{}', '{"type":"ping"}', '{"type":["register"]}'])(
    'is asked for when the first frame is %s',
    (text) => expect(catchRefusal(() => read(text)).code).toBe('not_registered'),
  )

  test('with a member called __proto__ gives nobody a secret or a name', () => {
    const { secret, parse } = read('{"type":"register","__proto__":{"secret":"s","name":"evil"},"constructor":1}')
    expect(secret).toBeUndefined()
    expect(parse().name).toBe('unnamed')
  })

  test('is taken or refused, never anything else, for any JSON', () => {
    fc.assert(
      fc.property(
        fc.record({
          type: fc.constant('register'),
          name: fc.jsonValue(),
          skills: fc.jsonValue(),
          secret: fc.jsonValue(),
        }),
        (frame) => {
          try {
            const taken = register(frame)
            expect(taken.name.isWellFormed()).toBe(true)
            expect(taken.skills.every((skill) => skill.isWellFormed())).toBe(true)
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError)
          }
        },
      ),
    )
  })
})
