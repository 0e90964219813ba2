import type { CpuPair } from './cpus.ts'
import { Target, type TargetKind, type TargetOptions } from './target.ts'

/** What every row is given. */
export interface Bench {
  readonly cpus: CpuPair | undefined
  /** What stands in the hub's column: the hub, or a second bare relay, which shows the noise. */
  readonly subject: TargetKind
  /** Rounds of a row that says nothing else. */
  readonly rounds: number
  /** Fewer of everything, for a look rather than a figure. */
  readonly isQuick: boolean
}

/** One thing for each side. */
export interface Sides<Thing> {
  readonly hub: Thing
  readonly bare: Thing
}

/** Starts one side's server. */
export const startSide = (bench: Bench, side: keyof Sides<unknown>, options: TargetOptions = {}): Promise<Target> =>
  Target.start(side === 'hub' ? bench.subject : 'bare', { ...options, cpus: bench.cpus })

/** Makes one thing for each side. */
export const forBoth = async <Thing>(make: (side: keyof Sides<Thing>) => Promise<Thing>): Promise<Sides<Thing>> => {
  const hub = await make('hub')
  return { hub, bare: await make('bare') }
}

/**
 * Measures in the order A B, B A, A B …: whatever else the machine does falls on both sides alike, and nobody is always
 * second.
 */
export const alternate = async <Sample>(
  rounds: number,
  measure: (side: keyof Sides<Sample>) => Promise<Sample>,
): Promise<Sides<Sample[]>> => {
  const samples: Sides<Sample[]> = { hub: [], bare: [] }
  for (let round = 0; round < rounds; round++) {
    for (const side of round % 2 === 0 ? (['hub', 'bare'] as const) : (['bare', 'hub'] as const)) {
      samples[side].push(await measure(side))
    }
  }
  return samples
}

/** The value below which a share (0 … 1) of all values lies. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** The middle value, or the mean of the two in the middle. */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2
}

/** What each sample says, per side. */
export const readEach = <Sample>(samples: Sides<Sample[]>, read: (sample: Sample) => number): Sides<number[]> => ({
  hub: samples.hub.map(read),
  bare: samples.bare.map(read),
})

/** All the samples of several runs, per side. */
export const joinSamples = <Sample>(runs: readonly Sides<Sample[]>[]): Sides<Sample[]> => ({
  hub: runs.flatMap((run) => run.hub),
  bare: runs.flatMap((run) => run.bare),
})
