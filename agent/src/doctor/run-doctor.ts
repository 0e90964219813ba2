import type { Environment } from '@ai-comms/shared'
import { systemClock } from '../adapters/system/clock.ts'
import { DOCTOR_BOUNDS, type DoctorBounds } from './check.ts'
import { hideSecrets } from './hide-secrets.ts'
import { listParts } from './list-parts.ts'
import { readSources } from './read-sources.ts'
import { Report } from './report.ts'
import { WaitingLine } from './waiting-line.ts'

/** What the doctor is asked for. */
export interface DoctorOptions {
  /** The environment of the process, without the file's variables. */
  readonly own: Environment
  readonly file: string | undefined
  /** Leaves out whatever is asked over the network. */
  readonly offline: boolean
  /** One JSON object in place of the lines. */
  readonly json: boolean
  readonly bounds?: DoctorBounds
}

/** Where it writes. */
export interface DoctorOutput {
  write(text: string): void
  readonly isTerminal: boolean
}

/**
 * Looks at everything that an agent of this environment needs, tells what it found and what to do about it, and changes
 * nothing.
 *
 * @returns the exit code: 0 when nothing failed
 */
export const runDoctor = async (options: DoctorOptions, output: DoctorOutput): Promise<0 | 1> => {
  const { own, file, json, offline, bounds = DOCTOR_BOUNDS } = options
  const sources = readSources(own, file)
  const hide = hideSecrets(sources.env)
  const isLive = output.isTerminal && !json
  const report = new Report(isLive && !own['NO_COLOR'])
  const waiting = new WaitingLine((text) => output.write(text), systemClock)
  const parts = listParts(sources, { offline, bounds })
  const open = new Set(parts)
  const listOpen = () => [...open].map(({ name }) => name)
  for (const part of parts) {
    void part.checks.then(() => {
      open.delete(part)
      waiting.rename(listOpen())
    })
  }
  for (const { checks } of parts) {
    if (isLive) waiting.show(listOpen())
    const found = await checks
    waiting.hide()
    const lines = found.map((check) => report.add(hide(check)))
    if (!json) output.write(lines.join(''))
  }
  const suffix = file === undefined ? '' : ` --env-file ${file}`
  output.write(json ? report.toJson() : report.conclude(`pnpm agent${suffix}`, `pnpm agent doctor${suffix}`))
  return report.ok ? 0 : 1
}
