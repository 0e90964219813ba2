import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LONELY, useDoctor } from '../test-support/examine.ts'
import { anthropicWire } from '../test-support/vendor-anthropic.ts'
import { answer, faults } from '../test-support/vendor-faults.ts'
import { openAiWire } from '../test-support/vendor-openai.ts'
import { refuse, startVendor, type VendorScript } from '../test-support/vendor-server.ts'

const KEY = 'sk-1234567890-abcdef'

const openAi = (url: string) => ({ ...LONELY, AI_PROVIDER: 'openai', OPENAI_API_KEY: KEY, OPENAI_BASE_URL: url })

/** An error in OpenAI's words, which repeat the key as the vendor's do. */
const say = (status: number, code: string, headers: Record<string, string> = {}): VendorScript =>
  refuse(status, { error: { message: `No: ${KEY}.`, type: 'error', param: null, code } }, headers)

interface Case {
  readonly script: VendorScript
  readonly status: 'warn' | 'fail'
  readonly detail: RegExp
  readonly fix: RegExp
}

const cases: Readonly<Record<string, Case>> = {
  'a key that it does not take': {
    script: say(401, 'invalid_api_key'),
    status: 'fail',
    detail: /key in OPENAI_API_KEY \(HTTP 401, invalid_api_key\)/,
    fix: /put it into OPENAI_API_KEY/,
  },
  'a key that may not use the model': {
    script: say(403, 'permission_denied'),
    status: 'fail',
    detail: /may not use gpt/,
    fix: /OPENAI_MODEL/,
  },
  'an account without credit': {
    script: say(429, 'insufficient_quota'),
    status: 'fail',
    detail: /nothing left to spend/,
    fix: /Add credit.*OPENAI_API_KEY/,
  },
  'a model that it does not have': {
    script: say(404, 'model_not_found'),
    status: 'fail',
    detail: /no model gpt/,
    fix: /Set OPENAI_MODEL/,
  },
  'a rate limit': {
    script: say(429, 'rate_limit_exceeded', { 'retry-after': '90' }),
    status: 'warn',
    detail: /HTTP 429/,
    fix: /Wait 90\.0 s.*AI_FALLBACK_PROVIDERS/,
  },
  'a failure of its own': {
    script: say(500, 'server_error'),
    status: 'fail',
    detail: /fails by itself \(HTTP 500/,
    fix: /again in a few minutes/,
  },
  'a request that it does not understand': {
    script: say(400, 'invalid_request'),
    status: 'fail',
    detail: /does not understand/,
    fix: /OPENAI_BASE_URL and OPENAI_MODEL/,
  },
  'an empty answer': {
    script: faults.empty(openAiWire),
    status: 'fail',
    detail: /empty or has no end/,
    fix: /OPENAI_BASE_URL/,
  },
  'a connection that it cuts': {
    script: faults.cutBeforeHeaders(),
    status: 'fail',
    detail: /127\.0\.0\.1:\d+ cannot be reached/,
    fix: /OPENAI_BASE_URL/,
  },
  silence: {
    script: faults.hangBeforeHeaders(),
    status: 'fail',
    detail: /takes the question and does not answer/,
    fix: /OPENAI_BASE_URL/,
  },
}

describe('a provider', () => {
  it('is asked one tiny question with the settings of the agent, all of a chain at once', async () => {
    using doctor = useDoctor()
    await using first = await startVendor(answer(openAiWire))
    await using second = await startVendor(answer(anthropicWire))
    const { of, code, text } = await doctor.examine({
      ...openAi(first.url),
      AGENT_HUB_URL: 'http://127.0.0.1:9',
      AI_FALLBACK_PROVIDERS: 'anthropic',
      ANTHROPIC_API_KEY: `${KEY}-2`,
      ANTHROPIC_BASE_URL: second.url,
      OPENAI_MODEL: 'a-model',
    })
    expect(code).toBe(1)
    expect(of('provider openai')).toMatchObject([
      {
        status: 'ok',
        detail: expect.stringMatching(/^a-model answered in [\d.]+ m?s, OPENAI_API_KEY of 20 characters/),
      },
    ])
    expect(of('provider anthropic')).toMatchObject([{ status: 'ok' }])
    expect(first.requests).toHaveLength(1)
    expect(second.requests).toHaveLength(1)
    expect(JSON.stringify(first.requests[0]?.body).length).toBeLessThan(500)
    expect(text).not.toContain(KEY)
  })

  it.each(Object.entries(cases))(
    'with %s is told in those words, with what to do',
    async (_what, { script, ...expected }) => {
      using doctor = useDoctor()
      await using vendor = await startVendor(script)
      const bounds = script === cases['silence']?.script ? { connectMs: 200, answerMs: 400 } : {}
      const { of, text } = await doctor.examine(openAi(vendor.url), { bounds: { ...bounds, hubMs: 200 } })
      const [found] = of('provider openai')
      expect(found?.status).toBe(expected.status)
      expect(found?.detail).toMatch(expected.detail)
      expect(found?.fix).toMatch(expected.fix)
      expect(text).not.toContain(KEY)
    },
  )

  it('that thinks longer than the doctor waits is only worth a warning', async () => {
    using doctor = useDoctor()
    await using vendor = await startVendor(faults.hangBeforeToken(openAiWire))
    const { of } = await doctor.examine(openAi(vendor.url), { bounds: { connectMs: 5_000, answerMs: 300, hubMs: 200 } })
    expect(of('provider openai')).toMatchObject([{ status: 'warn', fix: expect.stringContaining('OPENAI_MODEL') }])
  })

  it('on this machine is to be started, or given the model', async () => {
    using doctor = useDoctor()
    const ollama = { ...LONELY, AI_PROVIDER: 'ollama', OLLAMA_MODEL: 'llama3.2' }
    const away = await doctor.examine(ollama)
    expect(away.of('provider ollama')).toMatchObject([
      { status: 'fail', fix: expect.stringContaining('"ollama serve"') },
    ])
    await using vendor = await startVendor(say(404, 'not_found_error'))
    const empty = await doctor.examine({ ...ollama, OLLAMA_BASE_URL: vendor.url })
    expect(empty.of('provider ollama')).toMatchObject([
      { status: 'fail', fix: expect.stringContaining('"ollama pull llama3.2"') },
    ])
  })

  it.each(['your key', '"sk-123"', '<your key>', 'sk-12é34'])('is not asked with %s for a key', async (key) => {
    using doctor = useDoctor()
    await using vendor = await startVendor(answer(openAiWire))
    const { of, text } = await doctor.examine({ ...openAi(vendor.url), OPENAI_API_KEY: key })
    expect(of('provider openai')).toMatchObject([{ status: 'fail', fix: expect.stringContaining('OPENAI_API_KEY=') }])
    expect(vendor.requests).toEqual([])
    expect(text).not.toContain('sk-1')
  })

  it('that is a program is looked for and not run', async () => {
    using doctor = useDoctor()
    const file = join(doctor.folder.path, 'program')
    writeFileSync(file, `#!/bin/sh\ntouch ${file}.ran\n`, { mode: 0o600 })
    const look = async (argv: string, more: Record<string, string> = {}) => {
      const { of } = await doctor.examine({
        ...LONELY,
        AI_PROVIDER: 'command',
        COMMAND_ARGV: JSON.stringify([argv]),
        ...more,
      })
      return of('provider command')[0]
    }
    expect(await look(file)).toMatchObject({ status: 'fail', fix: `Run "chmod +x ${file}".` })
    chmodSync(file, 0o700)
    expect(await look(file)).toMatchObject({ status: 'ok' })
    expect(await look('program', { PATH: `/nowhere:${doctor.folder.path}` })).toMatchObject({ status: 'ok' })
    expect(await look('no-such-program')).toMatchObject({
      status: 'fail',
      fix: expect.stringContaining('COMMAND_ARGV'),
    })
    expect(await look(doctor.folder.path)).toMatchObject({ status: 'fail' })
    expect(await look(`${file}.ran`)).toMatchObject({ status: 'fail' })
  })
})
