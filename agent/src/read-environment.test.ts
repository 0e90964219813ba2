import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'
import { StartError } from './core/failures.ts'
import { PROVIDER_KEY_VARIABLES } from './provider-config.ts'
import { readEnvironment } from './read-environment.ts'
import { useFolder } from './test-support/folder.ts'

const SECRET = 'a secret of at least thirty-two bytes'

/** Writes a file and tells its path. */
const write = (folder: string, name: string, content: string): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const refuse = (act: () => unknown): StartError => {
  try {
    act()
  } catch (error) {
    if (error instanceof StartError) return error
    throw error
  }
  throw new Error('Nothing was refused')
}

describe('the environment of an agent', () => {
  it('has each of its secrets from a file, in whichever place that is named', () => {
    using folder = useFolder()
    const file = write(folder.path, 'secret', `${SECRET}\n`)
    const names = ['SECURITY_AGENT_SECRET', 'SECURITY_AGENT_SECRET_PREVIOUS', 'SECURITY_ENCRYPTION_KEY']
    const lines = names.map((name) => `${name}_FILE=${file}`)
    const envFile = write(folder.path, '.env', ['AGENT_HUB_URL=http://localhost:1', ...lines].join('\n'))
    const env = readEnvironment(
      { AGENT_NAME: 'Atlas', AGENT_HUB_SECRET_FILE: file, MISTRAL_API_KEY_FILE: file },
      envFile,
    )
    const read = readConfig(env)
    expect(read).toMatchObject({ ok: true, warnings: [] })
    expect(read.ok && read.config.hubSecret).toBe(SECRET)
    expect(read.ok && read.config.chain?.map(({ apiKey }) => apiKey)).toEqual([SECRET])
    expect(read.ok && read.config.secrets).toEqual(Array(5).fill(SECRET))
  })

  it.each(PROVIDER_KEY_VARIABLES)('has %s from a file', (name) => {
    using folder = useFolder()
    const file = write(folder.path, 'key', 'sk-1\n')
    const envFile = write(folder.path, '.env', '')
    expect(readEnvironment({ [`${name}_FILE`]: file }, envFile)).toEqual({ [name]: 'sk-1' })
    // whoever does not read the file takes the key for missing, and must not
    expect(readConfig({ AGENT_HUB_URL: 'http://x', [`${name}_FILE`]: file })).toMatchObject({
      ok: false,
      mistakes: [`${name}_FILE is not read here; set ${name} itself`],
    })
  })

  it('leaves the hub’s secrets alone, which it may not read, and takes them for no misspelling', () => {
    using folder = useFolder()
    const envFile = write(folder.path, '.env', 'AGENT_NAME=a\nAGENT_HUB_URL=https://x\nHUB_SECRET_FILE=/nowhere')
    const env = readEnvironment({}, envFile)
    expect(env).toMatchObject({ HUB_SECRET_FILE: '/nowhere' })
    expect(readConfig(env)).toMatchObject({ ok: true, warnings: [] })
  })

  it('lets a secret of the process win over either form in the file', () => {
    using folder = useFolder()
    const envFile = write(folder.path, '.env', 'AGENT_HUB_SECRET_FILE=/nowhere\nSECURITY_AGENT_SECRET=file')
    const file = write(folder.path, 'secret', 'own')
    const own = { AGENT_HUB_SECRET: 'own', SECURITY_AGENT_SECRET_FILE: file }
    expect(readEnvironment(own, envFile)).toEqual({ AGENT_HUB_SECRET: 'own', SECURITY_AGENT_SECRET: 'own' })
  })

  it('is refused with a line for every file that holds no secret, and nothing that stands in one', () => {
    using folder = useFolder()
    const two = write(folder.path, 'two', 'hush-one\nhush-two\n')
    const envFile = write(folder.path, '.env', `GROQ_API_KEY=hush\nGROQ_API_KEY_FILE=${two}`)
    const own = { AGENT_HUB_SECRET_FILE: two, SECURITY_ENCRYPTION_KEY_FILE: join(folder.path, 'nothing') }
    const { message } = refuse(() => readEnvironment(own, envFile))
    expect(message.split('\n')).toEqual([
      `AGENT_HUB_SECRET_FILE names ${two}, which has more than one line.`,
      `SECURITY_ENCRYPTION_KEY_FILE names ${join(folder.path, 'nothing')}, which cannot be read (ENOENT).`,
      'GROQ_API_KEY and GROQ_API_KEY_FILE are both set; keep one of them.',
    ])
    expect(message).not.toContain('hush')
  })
})
