import fc from 'fast-check'

/** Any text, half characters and control characters included. */
export const anyText = fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) })

/** Any text that is made of these pieces: what hostile ones are like. */
export const anyTextOf = (...pieces: readonly string[]) =>
  fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((chosen) => chosen.join(''))
