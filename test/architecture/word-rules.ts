import type { Rule } from './import-rules.ts'
import { findPhrase, isTestFile } from './source.ts'

/** Words that have one home, and the modules by which one could come around them. */
interface WordRow {
  readonly phrases: readonly string[]
  readonly modules: readonly string[]
  /** Where they are at home; no place at all for an empty pattern. */
  readonly home: RegExp
  readonly reason: string
}

const NOWHERE = /^$/
/** The packages that the words are kept in; `deploy` and `test` run other processes and wait for them. */
const KEPT = /^(?:shared|hub|agent)\/src\//

const keepWords =
  ({ phrases, modules, home, reason }: WordRow): Rule =>
  (sources) =>
    sources
      .filter((source) => KEPT.test(source.path) && !isTestFile(source) && !home.test(source.path))
      .flatMap((source) => [
        ...phrases.flatMap((phrase) =>
          findPhrase(source, phrase).map(
            (line) => `${source.path}:${line} says ${phrase.replaceAll(' ', '')}: ${reason}`,
          ),
        ),
        ...source.imports
          .filter(({ specifier }) => specifier !== undefined && modules.includes(specifier))
          .map(({ specifier, line }) => `${source.path}:${line} imports ${specifier}: ${reason}`),
      ])

/** The environment is read where the process begins. */
export const environmentHasOneReader = keepWords({
  phrases: ['process . env', 'process [', '{ env } = process'],
  modules: ['process', 'node:process'],
  home: /^(?:hub|agent)\/src\/main\.ts$/,
  reason: 'the environment is read in main.ts',
})

/** The time is asked for in one place; everybody else is told. */
export const timeHasOneSource = keepWords({
  phrases: ['Date . now', 'new Date ( )', 'performance', 'process . hrtime'],
  modules: ['perf_hooks', 'node:perf_hooks'],
  home: /^(?:hub|agent)\/src\/adapters\/system\//,
  reason: 'the time is read in adapters/system',
})

/** Whoever waits is at the edge. */
export const timersStandAtTheEdge = keepWords({
  phrases: ['setTimeout', 'setInterval', 'setImmediate', 'AbortSignal . timeout'],
  modules: ['timers', 'node:timers', 'timers/promises', 'node:timers/promises'],
  home: /^(?:hub|agent)\/src\/(?:adapters\/|app\.ts$|main\.ts$)/,
  reason: 'timers stand in adapters, app.ts and main.ts',
})

/** Nobody talks to the terminal past the logger. */
export const nobodyUsesTheConsole = keepWords({
  phrases: ['console .', 'console ['],
  modules: ['console', 'node:console'],
  home: NOWHERE,
  reason: 'events are observed, and one adapter logs them',
})
