import canonicalize from 'canonicalize'
import { ENVELOPE_BYTES_MAX, ENVELOPE_DEPTH_MAX, type JsonValue } from './envelope.ts'

/** What `parseStrict` found: a value, or the reason why there is none. */
export type StrictParse =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly refusal: 'bad_envelope' | 'too_large'; readonly detail: string }

/**
 * The one text that every implementation writes for this value: members sorted by UTF-16 code unit, ECMAScript numbers,
 * no white space. `-0` becomes `0`; members without a JSON form are left out, as `JSON.stringify` does.
 * @throws {TypeError} when there is no such text: a lone surrogate, a number that is not finite, a bigint, a cycle.
 * @see https://www.rfc-editor.org/rfc/rfc8785
 */
export function canonicalJson(value: unknown): string {
  let text: string | undefined
  try {
    text = canonicalize(value)
  } catch (cause) {
    throw new TypeError('The value has no canonical JSON form', { cause })
  }
  if (text === undefined) throw new TypeError('The value has no canonical JSON form')
  return text
}

/**
 * Reads JSON from a stranger: bounded in size and depth, and free of all that two readers could take differently.
 * Lone surrogates and numbers beyond a double are refused; so is a member called `__proto__` at any depth, since spreads,
 * assignments and zod disagree on what it means. With duplicate members the last counts. It never throws.
 * @param bounds `bytesMax` counts UTF-8 bytes; `depthMax` counts nested objects and arrays, the outermost as 1.
 */
export function parseStrict(
  text: string,
  bounds: { readonly bytesMax: number; readonly depthMax: number } = {
    bytesMax: ENVELOPE_BYTES_MAX,
    depthMax: ENVELOPE_DEPTH_MAX,
  },
): StrictParse {
  if (text.length > bounds.bytesMax || Buffer.byteLength(text) > bounds.bytesMax) {
    return { ok: false, refusal: 'too_large', detail: `More than ${bounds.bytesMax} bytes` }
  }
  let value: JsonValue
  try {
    value = JSON.parse(text)
  } catch {
    // V8's own message quotes the text, which may be secret.
    return { ok: false, refusal: 'bad_envelope', detail: 'Not JSON' }
  }
  const fault = findFault(value, bounds.depthMax)
  return fault === undefined ? { ok: true, value } : { ok: false, refusal: 'bad_envelope', detail: fault }
}

/** Walks level by level, without recursion, and so also measures depth; `JSON.parse` itself does not recurse in V8. */
function findFault(root: JsonValue, depthMax: number): string | undefined {
  let level: JsonValue[] = [root]
  for (let depth = 0; level.length > 0; depth++) {
    const below: JsonValue[] = []
    for (const value of level) {
      if (typeof value === 'string' && !value.isWellFormed()) return 'A lone surrogate'
      if (typeof value === 'number' && !Number.isFinite(value)) return 'A number that is not finite'
      if (typeof value !== 'object' || value === null) continue
      if (depth === depthMax) return `Nested deeper than ${depthMax}`
      for (const [name, child] of Object.entries(value)) {
        if (name === '__proto__') return 'A member called __proto__'
        if (!name.isWellFormed()) return 'A lone surrogate'
        below.push(child)
      }
    }
    level = below
  }
  return undefined
}
