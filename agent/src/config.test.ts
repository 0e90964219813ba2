import { AGENT_FAMILY_VARIABLES } from '@ai-comms/shared'
import { describe, expect, it } from 'vitest'
import { AGENT_VARIABLES, readConfig } from './config.ts'

const HUB = { AGENT_HUB_URL: 'http://localhost:8090', AGENT_NAME: 'Atlas' }

const read = (env: Record<string, string> = {}) => {
  const result = readConfig({ ...HUB, ...env })
  if (!result.ok) throw new Error(result.mistakes.join('\n'))
  return result
}
const mistakes = (env: Record<string, string>) => {
  const result = readConfig({ ...HUB, ...env })
  return result.ok ? [] : result.mistakes
}
const chain = (env: Record<string, string>) => read(env).config.chain?.map(({ row }) => row.name)

describe('the configuration', () => {
  it('has a default for everything but the hub', () => {
    const result = readConfig({ AGENT_HUB_URL: 'https://hub.example' })
    expect(result.ok && result.config).toMatchObject({
      identity: { name: 'agent', workspace: '', skills: [] },
      maxConcurrency: 4,
      hubUrl: new URL('wss://hub.example/'),
      logLevel: 'info',
      drainMs: 10_000,
      chain: undefined,
      totalTimeoutMs: 170_000,
      healthPort: 9_090,
      healthHost: '127.0.0.1',
      dataDir: 'data/',
    })
    expect(result.warnings).toEqual([expect.stringContaining('AGENT_NAME is not set')])
  })

  it('tells every mistake at once, each with its variable, and repeats no value', () => {
    const told = mistakes({
      AGENT_NAME: '-secret-',
      AGENT_HUB_URL: 'ftp://secret',
      AGENT_MAX_CONCURRENCY: '0',
      AGENT_LOG_LEVEL: 'secret',
      AI_PROVIDER: 'secret',
      PLATFORM: 'secret',
      OLLAMA_BASE_URL: 'secret',
    })
    const variables = told.map((mistake) => mistake.split(' ', 1)[0])
    expect(variables.sort()).toEqual([
      'AGENT_HUB_URL',
      'AGENT_LOG_LEVEL',
      'AGENT_MAX_CONCURRENCY',
      'AGENT_NAME',
      'AI_PROVIDER',
      'OLLAMA_BASE_URL',
      'PLATFORM',
    ])
    expect(told.join()).not.toContain('secret')
  })

  it.each(['console', 'whatsapp'])('needs no hub where people reach it: %s', (PLATFORM) => {
    const result = readConfig({ AGENT_NAME: 'Atlas', PLATFORM })
    expect(result).toMatchObject({ ok: true, config: { hubUrl: undefined } })
  })

  it('reads the words of a channel in any case, and never takes another channel for the one that is not whole', () => {
    const result = readConfig({ AGENT_NAME: 'Atlas', PLATFORM: 'WhatsApp', WHATSAPP_MODE: 'Cloud' })
    expect(result).toMatchObject({ ok: false, mistakes: Array(4).fill(expect.stringContaining('WHATSAPP_CLOUD_')) })
  })

  it('takes no WHATSAPP_MODE that there is not', () => {
    expect(mistakes({ WHATSAPP_MODE: 'browser' })).toEqual([expect.stringMatching(/^WHATSAPP_MODE.*baileys, cloud/)])
  })

  it.each([undefined, 'none'])('needs a hub where nobody else reaches it: %s', (PLATFORM) => {
    const result = readConfig({ AGENT_NAME: 'Atlas', ...(PLATFORM ? { PLATFORM } : {}) })
    expect(result).toMatchObject({ ok: false, mistakes: [expect.stringMatching(/^AGENT_HUB_URL is missing/)] })
  })

  it('reads skills as a list with bounds', () => {
    expect(read({ AGENT_SKILLS: ' maps, law ,,' }).config.identity.skills).toEqual(['maps', 'law'])
    expect(mistakes({ AGENT_SKILLS: 'x'.repeat(65) })).toEqual([expect.stringContaining('AGENT_SKILLS')])
    expect(mistakes({ AGENT_SKILLS: 'x,'.repeat(65) })).toEqual([expect.stringContaining('at most 64 skills')])
  })

  it('has its names of the watched families in the list that the hub knows', () => {
    const watched = AGENT_VARIABLES.filter((name) => /^(AGENT|AI|SECURITY|WHATSAPP)_/.test(name))
    expect([...AGENT_FAMILY_VARIABLES].sort()).toEqual([...watched].sort())
  })

  it('warns of a misspelt name, not of a name of the hub', () => {
    const { warnings } = read({
      AGENT_SKILS: 'a',
      HUB_SECRET: 'x',
      TLS_CERT_PATH: 'x',
      WHATSAPP_MODE: 'baileys',
      PORT: '8090',
    })
    expect(warnings).toEqual(['AGENT_SKILS is not a known variable; did you mean AGENT_SKILLS?'])
  })

  it('warns of a secret that goes over the open network', () => {
    const open = read({ AGENT_HUB_URL: 'http://hub.example', AGENT_HUB_SECRET: 'x' })
    expect(open.warnings).toEqual([expect.stringContaining('has no TLS')])
    expect(read({ AGENT_HUB_URL: 'https://hub.example', AGENT_HUB_SECRET: 'x' }).warnings).toEqual([])
  })
})

describe('what the providers may cost', () => {
  it('has no bound and no prices unless they are set', () => {
    expect(read().config).toMatchObject({ prices: {} })
    expect(read().config).not.toHaveProperty('budgetTokensPerDay')
    expect(read({ AI_BUDGET_TOKENS_PER_DAY: '100' }).config).toMatchObject({ budgetTokensPerDay: 100 })
    expect(mistakes({ AI_BUDGET_TOKENS_PER_DAY: '0' })).toEqual([expect.stringContaining('AI_BUDGET_TOKENS_PER_DAY')])
  })

  it('is read by provider and by model, whose name may hold slashes', () => {
    const table = { openai: { in: 0.4, out: 1.6 }, 'ollama/meta/llama:8b': { in: 0, out: 0 } }
    expect(read({ AI_PRICES: JSON.stringify(table) }).config.prices).toEqual(table)
  })

  it.each([
    '{',
    '[]',
    '1',
    '{"nobody":{"in":1,"out":1}}',
    '{"openai":{"in":1}}',
    '{"openai":{"in":-1,"out":1}}',
    '{"openai":{"in":1,"out":1,"x":1}}',
  ])('takes no prices like %s, and says how they look', (text) => {
    expect(mistakes({ AI_PRICES: text })).toEqual([
      expect.stringMatching(/^AI_PRICES must be JSON such as \{"openai":/),
    ])
  })
})

describe('the choice of providers', () => {
  it('is whoever has a key, OpenAI before Anthropic, and nobody without one', () => {
    expect(chain({ OPENAI_API_KEY: 'k', ANTHROPIC_API_KEY: 'k' })).toEqual(['openai'])
    expect(chain({ ANTHROPIC_API_KEY: 'k' })).toEqual(['anthropic'])
    expect(chain({})).toBeUndefined()
  })

  it('is the one that is named, then the fallbacks, nobody twice', () => {
    const keys = { OPENAI_API_KEY: 'k', ANTHROPIC_API_KEY: 'k' }
    expect(chain({ ...keys, AI_PROVIDER: 'Anthropic', AI_FALLBACK_PROVIDERS: 'openai, anthropic,ollama' })).toEqual([
      'anthropic',
      'openai',
      'ollama',
    ])
    expect(chain({ AI_FALLBACK_PROVIDERS: 'ollama' })).toEqual(['ollama'])
    expect(chain({ AI_PROVIDER: 'echo' })).toEqual(['echo'])
  })

  it('needs the key of everyone who is named', () => {
    expect(mistakes({ AI_PROVIDER: 'openai', AI_FALLBACK_PROVIDERS: 'anthropic' })).toEqual([
      expect.stringContaining('OPENAI_API_KEY is missing'),
      expect.stringContaining('ANTHROPIC_API_KEY is missing'),
    ])
  })

  it('carries model, address and bound of each', () => {
    const { config } = read({
      OPENAI_API_KEY: 'k',
      OPENAI_MODEL: 'gpt-x',
      OPENAI_BASE_URL: 'http://localhost:1',
      OPENAI_MAX_TOKENS: '100',
      OLLAMA_MODEL: 'phi',
    })
    expect(config.chain).toMatchObject([{ apiKey: 'k', model: 'gpt-x', baseUrl: 'http://localhost:1', tokensMax: 100 }])
    expect(config.local).toMatchObject({ model: 'phi', baseUrl: 'http://localhost:11434/v1' })
  })

  it.each(['ftp://x', 'http://user:pass@x', 'x'])('takes no base URL like %s', (url) => {
    expect(mistakes({ OPENAI_BASE_URL: url })).toEqual([expect.stringContaining('OPENAI_BASE_URL must be')])
  })
})
