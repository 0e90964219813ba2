import type { Clock } from './ports.ts'

/** The wall-clock time now, in whole epoch milliseconds: to be shown and stored, never to reckon with. */
export const readEpochMs = (clock: Clock): number => Math.round(clock.toEpochMs(clock.now()))
