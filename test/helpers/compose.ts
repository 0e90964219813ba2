import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { z } from 'zod'
import { needProgram } from './debian.ts'

const run = promisify(execFile)

const service = z.object({
  image: z.string(),
  build: z.object({ dockerfile: z.string() }).optional(),
  environment: z.record(z.string(), z.coerce.string()),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  cap_add: z.array(z.string()).default([]),
  security_opt: z.array(z.string()),
  restart: z.string(),
  volumes: z.array(z.unknown()),
  ports: z.array(z.unknown()).default([]),
  networks: z.unknown().optional(),
})
const project = z.object({ services: z.record(z.string(), service) })

/** What Compose makes of a file. */
export type ComposeProject = z.infer<typeof project>

const hasPlugin = async (): Promise<boolean> => {
  try {
    await run('docker', ['compose', 'version'])
    return true
  } catch (error) {
    // Without the plugin, or without Docker at all
    if (error instanceof Error && 'code' in error) return false
    throw error
  }
}

/** Asks Compose what it makes of a file of a folder, with the variables of `.env` beside it. @throws {Error} with what it says when the file is wrong */
export const readCompose = async (folder: string, file: string): Promise<ComposeProject> => {
  const options = { cwd: folder, env: { PATH: process.env['PATH'] } }
  if (await hasPlugin()) {
    const { stdout } = await run('docker', ['compose', '-f', file, 'config'], options)
    return project.parse(parse(stdout))
  }
  const path = join(folder, file)
  // The Compose of Debian 12 knows everything but a name for the whole
  await writeFile(path, (await readFile(path, 'utf8')).replace(/^name: .*$/m, ''))
  const { stdout } = await run(needProgram('docker-compose', 'docker-compose'), ['-f', file, 'config'], options)
  return project.parse(parse(stdout))
}
