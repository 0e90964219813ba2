/** Numbers in [0, 1) that look drawn and are the same for the same seed. @see https://github.com/bryc/code/blob/master/jshash/PRNGs.md#mulberry32 */
export const drawFrom = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
