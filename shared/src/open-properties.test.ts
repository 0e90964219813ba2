import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from './canonical.ts'
import { draft, encryptingRing, nova, sealed, signingRing } from './envelope.fixture.ts'
import { ENVELOPE_BYTES_MAX, ENVELOPE_REFUSALS, type SealedEnvelope } from './envelope.ts'
import { open } from './open.ts'

const rich = draft({
  payload: { text: 'olá 👋', list: [1, 0.1, null, { deep: false }], empty: {} },
  replyTo: 'm1',
  group: { groupId: 'makers', groupName: 'Makers' },
  hops: 3,
  extra: { traceparent: '00-1-2-01' },
})
const rings = [signingRing(), encryptingRing()] as const
const samples = rings.map((keyRing) => ({ keyRing, ...sealed(rich, keyRing) }))

type Place = { readonly holder: object; readonly name: string; readonly value: unknown }

/** Every member of every object and array in a value, leaves and branches alike. */
function placesIn(holder: object): Place[] {
  return Object.entries(holder).flatMap(([name, value]) => [
    { holder, name, value },
    ...(typeof value === 'object' && value !== null ? placesIn(value) : []),
  ])
}

const holdersIn = (value: object) => [...new Set([value, ...placesIn(value).map(({ holder }) => holder)])]

/** One small change, made where `at` points: a member changed, taken away, or put in. */
function change(envelope: SealedEnvelope, at: number, act: 'set' | 'remove' | 'add', name: string, value: unknown) {
  const copy = structuredClone(envelope)
  const places = placesIn(copy)
  const holders = holdersIn(copy)
  const place = places[at % places.length]
  const holder = holders[at % holders.length]
  if (act === 'add' && holder) {
    Object.defineProperty(holder, Array.isArray(holder) ? holder.length : name, { value, enumerable: true })
  }
  if (act === 'set' && place) Object.assign(place.holder, { [place.name]: value })
  if (act === 'remove' && place && Array.isArray(place.holder)) place.holder.splice(Number(place.name), 1)
  if (act === 'remove' && place) Reflect.deleteProperty(place.holder, place.name)
  return copy
}

describe('a sealed envelope', () => {
  test.each(samples.map((sample) => [sample.keyRing.encrypts ? 'encrypted' : 'signed', sample] as const))(
    'that is %s is refused after any one change of any one leaf',
    (_, { envelope, keyRing }) => {
      for (const [at, { value }] of placesIn(envelope).entries()) {
        const near = typeof value === 'string' ? [`${value}x`, value.slice(1), value.toUpperCase()] : []
        const values = [...near, null, 0, 2, true, '', 'x', [], {}, [value]]
        const others = values.filter((other) => canonicalJson(other) !== canonicalJson(value))
        for (const other of others) {
          expect(open(JSON.stringify(change(envelope, at, 'set', '', other)), nova({ keyRing })).ok).toBe(false)
        }
        expect(open(JSON.stringify(change(envelope, at, 'remove', '', null)), nova({ keyRing })).ok).toBe(false)
      }
    },
  )

  test('is refused after any change, removal or addition of any member', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.nat(),
        fc.constantFrom('set', 'remove', 'add'),
        fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'hmac', 'encrypted', 'groupId', 'toJSON')),
        fc.jsonValue({ maxDepth: 2 }),
        ({ envelope, keyRing }, at, act, name, value) => {
          const text = JSON.stringify(change(envelope, at, act, name, value))
          fc.pre(canonicalJson(JSON.parse(text)) !== canonicalJson(envelope))
          const options = nova({ keyRing })
          expect(open(text, options).ok).toBe(false)
          expect(options.replay.size).toBe(0)
        },
      ),
      { numRuns: 3_000 },
    )
  })
})

describe('opening never throws', () => {
  const options = [
    nova(),
    nova({ keyRing: encryptingRing() }),
    nova({ keyRing: null, requireAuth: false }),
    nova({ requireAuth: false, requireEncryption: true }),
  ]
  const expectRefused = (text: unknown) => {
    for (const each of options) {
      const opened = open(text, each)
      expect(opened.ok || ENVELOPE_REFUSALS.includes(opened.refusal)).toBe(true)
    }
  }
  const runs = { numRuns: 1_000 }

  test('on any text', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), expectRefused), runs)
    fc.assert(
      fc.property(
        fc.uint16Array().map((units) => String.fromCharCode(...units)),
        expectRefused,
      ),
      runs,
    )
  })

  test('on anything that is no text', () => {
    fc.assert(fc.property(fc.anything({ withBigInt: true, withNullPrototype: true }), expectRefused), runs)
  })

  test('on the text of an envelope with a piece cut out or put in', () => {
    const cut = fc.tuple(fc.constantFrom(...samples), fc.nat(), fc.nat({ max: 20 }), fc.string({ maxLength: 4 }))
    fc.assert(
      fc.property(cut, ([{ text }, at, length, noise]) => {
        const start = at % text.length
        expectRefused(text.slice(0, start) + noise + text.slice(start + length))
      }),
      runs,
    )
  })

  test('on an envelope with any JSON in the place of any member', () => {
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.nat(), fc.jsonValue(), ({ envelope }, at, value) =>
        expectRefused(JSON.stringify(change(envelope, at, 'set', '', value))),
      ),
      runs,
    )
  })

  test.each([
    ['arrays as deep as the size allows', '['.repeat(ENVELOPE_BYTES_MAX)],
    ['closed ones', '['.repeat(ENVELOPE_BYTES_MAX / 2) + ']'.repeat(ENVELOPE_BYTES_MAX / 2)],
    ['objects', '{"a":'.repeat(50_000)],
    ['more than the size allows', '{'.repeat(ENVELOPE_BYTES_MAX * 4)],
  ])('on %s', (_, text) => expectRefused(text))

  test.each(['__proto__', 'constructor', 'prototype', 'toString', 'toJSON', 'hasOwnProperty', 'then'])(
    'on %s as a member or an id, which pollutes nothing',
    (name) => {
      const own = Object.getOwnPropertyNames(Object.prototype)
      for (const { text, keyRing } of samples) {
        expectRefused(text.replace('{', `{"${name}":{"polluted":true},`))
        expectRefused(text.replaceAll('"agentId"', `"${name}":{"polluted":true},"agentId"`))
        expectRefused(text.replaceAll(/"(atlas_001|nova_001|makers|[0-9a-f]{8})"/g, `"${name}"`))
        const named = draft({ from: { agentId: name, agentName: name }, to: { agentId: name, agentName: name } })
        const me = { agentId: name, groupIds: new Set([name]) }
        expect(open(sealed(named, keyRing).text, nova({ keyRing, me })).ok).toBe(true)
      }
      expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(own)
      expect('polluted' in {}).toBe(false)
    },
  )

  test('on the longest ids and names', () => {
    const id = '漢'.repeat(128)
    for (const keyRing of rings) {
      const { text } = sealed(
        draft({ from: { agentId: id, agentName: id }, to: { groupId: id, groupName: id } }),
        keyRing,
      )
      const me = { agentId: 'x', groupIds: new Set([id]) }
      expect(open(text, nova({ keyRing, me })).ok).toBe(true)
    }
    const emoji = samples[0]?.text.replaceAll('atlas_001', '👋'.repeat(128))
    expectRefused(emoji)
  })
})
