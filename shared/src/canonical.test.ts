import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson, parseStrict } from './canonical.ts'
import { ENVELOPE_BYTES_MAX, ENVELOPE_DEPTH_MAX } from './envelope.ts'

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

describe('canonical JSON', () => {
  test('the example of RFC 8785 comes out byte for byte', () => {
    const input = JSON.parse(
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],' +
        String.raw`"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`,
    )
    expect(canonicalJson(input)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        String.raw`"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    )
  })

  test('members are sorted by UTF-16 code unit, so an emoji comes before U+FB33', () => {
    expect(canonicalJson({ '\ufb33': 1, '😀': 2, ö: 3, '\r': 4, 1: 5 })).toBe('{"\\r":4,"1":5,"ö":3,"😀":2,"\ufb33":1}')
  })

  test('the order of members and the writing of numbers make no difference', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse())
        expect(canonicalJson(turned)).toBe(canonicalJson(value))
        expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value))
      }),
    )
  })

  test.each([
    ['a lone surrogate', 'a\ud800'],
    ['a lone surrogate in a name', { '\udc00': 1 }],
    ['NaN', { n: Number.NaN }],
    ['infinity', [Number.POSITIVE_INFINITY]],
    ['a bigint', { n: 1n }],
    ['nothing', undefined],
    ['a function', () => 1],
  ])('%s has no canonical form', (_, value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError)
  })

  test('a cycle has no canonical form', () => {
    const cycle: unknown[] = []
    cycle.push(cycle)
    expect(() => canonicalJson(cycle)).toThrow(TypeError)
  })
})

describe('strict parsing', () => {
  test('all that is plain JSON comes out as JSON.parse gives it', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 10 }), (text) => {
        fc.pre(!text.includes('__proto__'))
        expect(parseStrict(text)).toEqual({ ok: true, value: JSON.parse(text) })
      }),
    )
  })

  test('the last of two equal members counts', () => {
    expect(parseStrict('{"a":1,"a":2}')).toEqual({ ok: true, value: { a: 2 } })
  })

  test.each([
    ['a lone surrogate', String.raw`"\ud800"`],
    ['a lone surrogate in a name', String.raw`{"a":[{"\udfff":1}]}`],
    ['a number beyond a double', '[1e999]'],
    ['a negative one', '{"n":-1e999}'],
    ['__proto__', '{"__proto__":null}'],
    ['__proto__ below', '{"a":[{"b":{"__proto__":{"polluted":true}}}]}'],
    ['__proto__ written with an escape', String.raw`{"\u005f_proto__":1}`],
    ['no JSON', '{"a":1'],
    ['nothing', ''],
    ['a byte order mark', '\ufeff{}'],
  ])('%s is refused', (_, text) => {
    expect(parseStrict(text)).toMatchObject({ ok: false, refusal: 'bad_envelope' })
  })

  test('a refusal never quotes the text', () => {
    const refused = parseStrict('hunter2 is my password')
    expect(refused).toMatchObject({ ok: false })
    expect(JSON.stringify(refused)).not.toContain('hunter2')
  })

  test('constructor and prototype are names like any other', () => {
    expect(parseStrict('{"constructor":{"prototype":1}}')).toMatchObject({ ok: true })
  })

  test('32 levels are taken and 33 are not, in arrays and in objects', () => {
    expect(parseStrict(nested(ENVELOPE_DEPTH_MAX)).ok).toBe(true)
    expect(parseStrict(nested(ENVELOPE_DEPTH_MAX + 1)).ok).toBe(false)
    const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
    expect(parseStrict(objects(ENVELOPE_DEPTH_MAX)).ok).toBe(true)
    expect(parseStrict(objects(ENVELOPE_DEPTH_MAX + 1)).ok).toBe(false)
  })

  test('the deepest text that the size allows overflows nothing', () => {
    expect(parseStrict(nested(ENVELOPE_BYTES_MAX / 2))).toMatchObject({ refusal: 'bad_envelope' })
    expect(parseStrict('['.repeat(ENVELOPE_BYTES_MAX))).toMatchObject({ refusal: 'bad_envelope' })
    expect(parseStrict('{"a":'.repeat(50_000))).toMatchObject({ refusal: 'bad_envelope' })
    expect(parseStrict(`[${'0,'.repeat(131_000)}0]`).ok).toBe(true)
  })

  test('size is counted in bytes, and comes before everything else', () => {
    const text = (bytes: number) => `"${'a'.repeat(bytes - 2)}"`
    expect(parseStrict(text(ENVELOPE_BYTES_MAX)).ok).toBe(true)
    expect(parseStrict(text(ENVELOPE_BYTES_MAX + 1))).toMatchObject({ refusal: 'too_large' })
    expect(parseStrict(`"${'€'.repeat(ENVELOPE_BYTES_MAX / 3)}"`)).toMatchObject({ refusal: 'too_large' })
    expect(parseStrict('['.repeat(ENVELOPE_BYTES_MAX + 1))).toMatchObject({ refusal: 'too_large' })
  })
})
