import fc from 'fast-check'

/** A text that is cut into pieces in whatever way; together they are the text. */
export const cutAnyhow = (text: fc.Arbitrary<string>): fc.Arbitrary<string[]> =>
  fc.tuple(text, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 })).map(([whole, cuts]) => {
    const ends = [...cuts.map((cut) => Math.floor(cut * whole.length)), whole.length].sort((a, b) => a - b)
    return ends.map((end, index) => whole.slice(ends[index - 1] ?? 0, end))
  })
