import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { DOCTOR_BOUNDS, type DoctorBounds } from '../doctor/check.ts'
import { runDoctor } from '../doctor/run-doctor.ts'
import { useFolder } from './folder.ts'

const json = z.strictObject({
  ok: z.boolean(),
  checks: z.array(
    z.strictObject({
      name: z.string(),
      status: z.enum(['ok', 'warn', 'fail', 'skip']),
      detail: z.string(),
      fix: z.string().optional(),
    }),
  ),
})

/** How the doctor of a test looks. */
export interface ExamineOptions {
  readonly file?: string
  readonly offline?: boolean
  readonly bounds?: Partial<DoctorBounds>
}

/** Enough for an agent of which nothing is asked over the network. */
export const LONELY = { AGENT_NAME: 'Atlas', AGENT_HUB_URL: 'http://localhost', AI_PROVIDER: 'echo' } as const

/** A folder with an env file, and a doctor who looks at an agent with these variables. */
export const useDoctor = (fileText = '') => {
  const folder = useFolder()
  const file = join(folder.path, '.env.atlas')
  writeFileSync(file, fileText)
  const examine = async (variables: Readonly<Record<string, string>>, options: ExamineOptions = {}) => {
    let text = ''
    const own = {
      HEALTH_PORT: '0',
      DATA_DIR: join(folder.path, 'data'),
      OLLAMA_BASE_URL: 'http://127.0.0.1:9',
      ...variables,
    }
    const code = await runDoctor(
      {
        own,
        file: options.file ?? file,
        offline: options.offline ?? false,
        json: true,
        bounds: { ...DOCTOR_BOUNDS, ...options.bounds },
      },
      {
        isTerminal: false,
        write: (piece) => {
          text += piece
        },
      },
    )
    const { ok, checks } = json.parse(JSON.parse(text))
    return { code, text, ok, checks, of: (name: string) => checks.filter((check) => check.name === name) }
  }
  return { folder, file, examine, [Symbol.dispose]: () => folder[Symbol.dispose]() }
}
