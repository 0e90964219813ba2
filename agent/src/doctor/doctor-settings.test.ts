import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LONELY, useDoctor } from '../test-support/examine.ts'

describe('the settings', () => {
  it('of a newcomer lack one thing and leave open three, each told with what to do, in order', async () => {
    using doctor = useDoctor()
    const { code, ok, checks } = await doctor.examine({})
    expect({ code, ok }).toEqual({ code: 1, ok: false })
    expect(checks.map(({ name, status }) => `${status} ${name}`)).toEqual([
      'ok env file',
      'fail configuration',
      'warn configuration',
      'warn provider',
      'skip hub',
      'ok data folder',
      'ok health port',
    ])
    const fixes = checks.flatMap(({ fix }) => fix ?? [])
    expect(fixes).toEqual([
      expect.stringMatching(/"pnpm hub".*AGENT_HUB_URL=http:\/\/localhost:8090.*\.env\.atlas\.$/),
      expect.stringMatching(/AGENT_NAME=Atlas.*\.env\.atlas\.$/),
      expect.stringMatching(/OPENAI_API_KEY=.*ANTHROPIC_API_KEY=.*AI_PROVIDER=ollama.*\.env\.atlas\.$/),
    ])
  })

  it('are told with every mistake and warning of the agent itself, and no mistake hides what else is there', async () => {
    using doctor = useDoctor('AGENT_HUB_URL=not a url\nHEALTH_PORT=many\nAGENT_WORKSPCE=x\n')
    const { of, code } = await doctor.examine({
      HEALTH_PORT: 'many',
      AI_PROVIDER: 'anthropic',
      AI_FALLBACK_PROVIDERS: 'echo',
    })
    expect(code).toBe(1)
    expect(of('configuration')).toMatchObject([
      {
        status: 'fail',
        detail: expect.stringMatching(/^AGENT_HUB_URL must be/),
        fix: expect.stringContaining('AGENT_HUB_URL'),
      },
      {
        status: 'fail',
        detail: expect.stringMatching(/^HEALTH_PORT must be/),
        fix: expect.stringContaining('the environment'),
      },
      {
        status: 'fail',
        detail: expect.stringMatching(/^ANTHROPIC_API_KEY is missing/),
        fix: expect.stringContaining('ANTHROPIC_API_KEY='),
      },
      { status: 'warn', fix: `Rename AGENT_WORKSPCE to AGENT_WORKSPACE in ${doctor.file}.` },
      { status: 'warn', detail: expect.stringMatching(/^AGENT_NAME is not set/) },
    ])
    expect(of('provider echo')).toMatchObject([{ status: 'ok' }])
    expect([...of('hub'), ...of('health port')].map(({ status }) => status)).toEqual(['skip', 'skip'])
    expect(of('data folder')).toMatchObject([{ status: 'ok' }])
  })

  it('in the clear beyond this machine are worth a warning, with a secret and without', async () => {
    using doctor = useDoctor()
    for (const secret of [{}, { AGENT_HUB_SECRET: 'a-secret-of-the-hub' }]) {
      const variables = { ...LONELY, AGENT_HUB_URL: 'ws://hub.example', ...secret }
      const { code, text, of } = await doctor.examine(variables, { offline: true })
      expect(code).toBe(0)
      expect(of('configuration').slice(1)).toMatchObject([
        { status: 'warn', detail: expect.stringContaining('no TLS'), fix: expect.stringContaining('wss://') },
      ])
      expect(text).not.toContain('a-secret-of-the-hub')
    }
  })

  it('that stand in the file and, differently, in the environment are named', async () => {
    using doctor = useDoctor('OPENAI_API_KEY=sk-of-the-file\nAGENT_NAME=Atlas\n')
    const variables = { ...LONELY, OPENAI_API_KEY: 'sk-of-the-shell' }
    const { of, text } = await doctor.examine(variables, { offline: true })
    expect(of('env file')).toMatchObject([
      { status: 'ok', detail: expect.stringContaining('2 variables') },
      {
        status: 'warn',
        detail: expect.stringContaining('OPENAI_API_KEY'),
        fix: expect.stringContaining('unset OPENAI_API_KEY'),
      },
    ])
    expect(text).not.toMatch(/sk-of-the/)
  })

  it('of a file that cannot be read fail, and the environment is looked at all the same', async () => {
    using doctor = useDoctor()
    const { of, code } = await doctor.examine(LONELY, { file: join(doctor.folder.path, 'nowhere'), offline: true })
    expect(code).toBe(1)
    expect(of('env file')).toMatchObject([
      { status: 'fail', detail: expect.stringContaining('ENOENT'), fix: expect.stringContaining('nowhere') },
    ])
    expect(of('configuration')).toMatchObject([{ status: 'ok' }])
  })

  it('are all that is looked at over no network when it is told to be offline', async () => {
    using doctor = useDoctor()
    const variables = {
      ...LONELY,
      AI_PROVIDER: 'openai',
      OPENAI_API_KEY: 'sk-1234567890',
      OPENAI_BASE_URL: 'http://127.0.0.1:9',
    }
    const { of, code } = await doctor.examine(variables, { offline: true })
    expect(code).toBe(0)
    expect([...of('provider openai'), ...of('hub')]).toMatchObject([
      { status: 'skip', detail: expect.stringMatching(/--offline.*OPENAI_API_KEY of 13 characters/) },
      { status: 'skip', detail: expect.stringMatching(/--offline/) },
    ])
  })
})
