import { describe, expect, it } from 'vitest'
import { systemClock } from '../adapters/system/clock.ts'
import { LONELY, useDoctor } from '../test-support/examine.ts'
import { FakeClock } from '../test-support/fake-clock.ts'
import { startVendor } from '../test-support/vendor-server.ts'
import { fail, ok, skip, warn } from './check.ts'
import { hideSecrets } from './hide-secrets.ts'
import { Report } from './report.ts'
import { WaitingLine } from './waiting-line.ts'

describe('the report', () => {
  it('has a line for each check, and numbers what there is to do over all of them', () => {
    const report = new Report(false)
    const lines = [
      ok('env file', 'Fine.'),
      warn('hub', 'Slow.', 'Wait.'),
      skip('x', 'No.'),
      fail('y', 'Bad.', 'Mend it.'),
    ]
    expect(lines.map((check) => report.add(check)).join('')).toBe(
      [
        'ok    env file        Fine.',
        'warn  hub             Slow.',
        '      1. Wait.',
        'skip  x               No.',
        'FAIL  y               Bad.',
        '      2. Mend it.',
        '',
      ].join('\n'),
    )
    expect(report.ok).toBe(false)
    expect(report.conclude('start', 'doctor')).toBe(
      '\n1 failed, one warning. Do steps 1 to 2 in this order, then run "doctor" again.\n',
    )
  })

  it('is well with warnings and with what was left out', () => {
    const report = new Report(false)
    for (const check of [ok('a', 'A.'), warn('b', 'B.', 'C.'), skip('d', 'D.')]) report.add(check)
    expect(report.ok).toBe(true)
    expect(report.conclude('start', 'doctor')).toBe('\nNothing failed, one warning: "start" starts the agent.\n')
  })

  it('has colors where it is told to', () => {
    expect(new Report(true).add(fail('y', 'Bad.', 'Mend it.'))).toContain('\u001b[31mFAIL')
  })
})

describe('the line that waits', () => {
  it('comes only after a moment, moves, and is gone when what it names has come', () => {
    const clock = new FakeClock()
    let screen = ''
    const line = new WaitingLine((text) => {
      screen += text
    }, clock)
    line.show(['hub'])
    line.hide()
    clock.pass(1_000)
    expect(screen).toBe('')
    line.show(['hub', 'health port'])
    clock.pass(130)
    line.rename(['health port'])
    clock.pass(130)
    line.hide()
    clock.pass(1_000)
    expect(screen).toBe('\r\u001b[K⠋ Waiting for hub, health port\r\u001b[K⠙ Waiting for health port\r\u001b[K')
  })
})

describe('a secret', () => {
  it('is put out of whatever is said, even where one holds another', () => {
    const hide = hideSecrets({
      A_KEY: 'abcdefgh',
      AGENT_HUB_SECRET: 'abcdefghij',
      OLLAMA_API_KEY: 'ollama',
      AGENT_NAME: 'abcdefgh-x',
    })
    expect(hide(fail('hub', 'It says abcdefghij.', 'Not abcdefgh, ollama.'))).toEqual(
      fail('hub', 'It says [AGENT_HUB_SECRET].', 'Not [A_KEY], ollama.'),
    )
  })
})

describe('the time of all of it', () => {
  it('is that of the slowest part, not the sum, and no part goes beyond its bound', async () => {
    using doctor = useDoctor()
    await using silent = await startVendor(() => {})
    const startedAt = systemClock.now()
    const names = ['openai', 'anthropic', 'groq', 'mistral', 'deepseek', 'xai']
    const variables = names.map((name) => ({
      [`${name.toUpperCase()}_API_KEY`]: 'sk-1234567890',
      [`${name.toUpperCase()}_BASE_URL`]: silent.url,
    }))
    const own = { ...LONELY, AGENT_HUB_URL: silent.url, AI_PROVIDER: 'openai', AI_FALLBACK_PROVIDERS: names.join(',') }
    const { checks, code } = await doctor.examine(Object.assign({}, own, ...variables), { bounds: { partMs: 1_000 } })
    expect(systemClock.now() - startedAt).toBeLessThan(4_500)
    expect(code).toBe(1)
    const late = checks.filter(({ detail }) => detail === 'Nothing came of it within 1 s.').map(({ name }) => name)
    expect(late).toEqual([...names.map((name) => `provider ${name}`), 'hub'])
  })
})
