/** Milliseconds of a clock that only runs forward, with fractions: for measuring, not for dates. */
export const elapsedMs = (): number => performance.now()
