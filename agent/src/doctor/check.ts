import type { CallOff, Clock } from '../core/ports.ts'

/** `skip` is what was not looked at, and is neither good nor bad. */
export type CheckStatus = 'ok' | 'warn' | 'fail' | 'skip'

/** What one look at one thing found. */
export interface Check {
  readonly name: string
  readonly status: CheckStatus
  /** What was found, in a sentence that holds no secret. */
  readonly detail: string
  /** What to do next, in a sentence with the very variable or command. */
  readonly fix?: string
}

/** All is well. */
export const ok = (name: string, detail: string): Check => ({ name, status: 'ok', detail })

/** It works, and yet its owner should know. */
export const warn = (name: string, detail: string, fix: string): Check => ({ name, status: 'warn', detail, fix })

/** It does not work. */
export const fail = (name: string, detail: string, fix: string): Check => ({ name, status: 'fail', detail, fix })

/** It was not looked at. */
export const skip = (name: string, detail: string): Check => ({ name, status: 'skip', detail })

/** How long the doctor waits for others, in milliseconds. */
export interface DoctorBounds {
  /** For the first sign of a provider. */
  readonly connectMs: number
  /** For the whole answer of a provider. */
  readonly answerMs: number
  /** For one answer of a hub, of which there are up to three in a row. */
  readonly hubMs: number
  /** For whoever has the health port. */
  readonly portMs: number
  /** For any part as a whole, should it not keep to its own bounds. */
  readonly partMs: number
}

/** Short: whoever runs the doctor sits before it. */
export const DOCTOR_BOUNDS: DoctorBounds = {
  connectMs: 8_000,
  answerMs: 12_000,
  hubMs: 4_000,
  portMs: 2_000,
  partMs: 16_000,
}

/** The outcome of some work, or of what stands for it when its time is over. */
export const withinBound = async <Value>(
  work: Promise<Value>,
  waitMs: number,
  clock: Clock,
  late: () => Value,
): Promise<Value> => {
  let callOff: CallOff | undefined
  const bound = new Promise<Value>((resolve) => {
    callOff = clock.after(waitMs, () => resolve(late()))
  })
  try {
    return await Promise.race([work, bound])
  } finally {
    callOff?.()
  }
}

/** A time as a person reads it. */
export const toSpanText = (ms: number): string => (ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`)

/** `one agent`, `3 agents`. */
export const toCountText = (count: number, word: string): string =>
  `${count === 1 ? 'one' : count} ${word}${count === 1 ? '' : 's'}`
