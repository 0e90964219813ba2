import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { buildProvider } from './adapters/providers/build-provider.ts'
import { CATALOG, findRow, type ProviderName, type ProviderRow } from './adapters/providers/catalog.ts'
import { systemClock } from './adapters/system/clock.ts'
import { PROVIDER_VARIABLES, readProviders } from './provider-config.ts'
import { PROMPT } from './test-support/set-up-provider.ts'
import { anthropicWire } from './test-support/vendor-anthropic.ts'
import { answer } from './test-support/vendor-faults.ts'
import { openAiWire } from './test-support/vendor-openai.ts'
import { startVendor } from './test-support/vendor-server.ts'

const read = (env: Record<string, string>, primary?: ProviderName, fallbacks: readonly ProviderName[] = []) => {
  const result = readProviders(env, primary, fallbacks)
  if (!result.ok) throw new Error(result.mistakes.join('\n'))
  return result.chain ?? []
}
const mistakes = (env: Record<string, string>, primary?: ProviderName) => {
  const result = readProviders(env, primary, [])
  return result.ok ? [] : result.mistakes
}

const asks = async (env: Record<string, string>, name: ProviderName) => {
  const [settings] = read(env, name)
  if (!settings) throw new Error(`${name} is not in the chain`)
  const provider = await buildProvider(settings, systemClock)
  return provider.complete(PROMPT, {
    signal: new AbortController().signal,
    deadlineAt: systemClock.now() + 5_000,
    onText: () => {},
  })
}

const VENDORS: readonly ProviderRow[] = CATALOG.filter(({ dialect }) => dialect === 'openai' || dialect === 'anthropic')
const findName = ({ name }: ProviderRow) => name as ProviderName

describe('every provider of the catalog', () => {
  it('is one of those that were promised', () => {
    expect(CATALOG.map(({ name }) => name)).toEqual([
      ...['openai', 'anthropic', 'google', 'mistral', 'cohere', 'groq', 'ollama', 'deepseek', 'xai', 'perplexity'],
      ...['together', 'fireworks', 'codex', 'copilot', 'claude-code', 'claude-cowork', 'nvidia-nim', 'openclaw'],
      ...['command', 'echo'],
    ])
  })

  it.each(VENDORS)('is asked as its variables say: $name', async (row) => {
    const wire = row.dialect === 'anthropic' ? anthropicWire : openAiWire
    await using vendor = await startVendor(answer(wire))
    const env = {
      ...(row.keys[0] === undefined ? {} : { [row.keys[0]]: 'a-key' }),
      [`${row.prefix}_MODEL`]: 'my-model',
      [`${row.prefix}_BASE_URL`]: vendor.url,
      [`${row.prefix}_MAX_TOKENS`]: '321',
    }
    expect(await asks(env, findName(row))).toMatchObject({ text: 'Hello there' })
    const [request] = vendor.requests
    expect(request?.path).toBe(wire.path)
    expect(request?.headers.authorization).toBe(`Bearer ${row.keys[0] === undefined ? 'none' : 'a-key'}`)
    expect(request?.body).toMatchObject({ model: 'my-model', stream: true, [row.tokenLimitName]: 321 })
    const limits = ['max_tokens', 'max_completion_tokens'].filter((limit) => limit in (request?.body ?? {}))
    expect(limits).toEqual([row.dialect === 'anthropic' ? 'max_tokens' : row.tokenLimitName])
    expect('stream_options' in (request?.body ?? {})).toBe(row.dialect === 'openai' && row.takesStreamOptions)
    expect(request?.body).not.toHaveProperty('temperature')
  })

  it.each(VENDORS)('is found with /v1 as well as without: $name', async (row) => {
    const wire = row.dialect === 'anthropic' ? anthropicWire : openAiWire
    await using vendor = await startVendor(answer(wire))
    const env = { [row.keys[0] ?? 'NO_KEY']: 'a-key', [`${row.prefix}_BASE_URL`]: `${vendor.url}/v1/` }
    await asks(env, findName(row))
    expect(vendor.requests[0]).toMatchObject({ path: wire.path, body: { model: row.model } })
  })
})

describe('the variables of providers', () => {
  it('have each name once', () => {
    expect(new Set(PROVIDER_VARIABLES).size).toBe(PROVIDER_VARIABLES.length)
    for (const name of ['COPILOT_TOKEN', 'NVIDIA_API_KEY', 'OPENCLAW_AUTH_TOKEN', 'CLAUDE_CODE_THINKING_BUDGET']) {
      expect(PROVIDER_VARIABLES).toContain(name)
    }
  })

  it.each([
    ['google', 'GEMINI_API_KEY'],
    ['nvidia-nim', 'NVIDIA_NIM_API_KEY'],
    ['openclaw', 'OPENCLAW_GATEWAY_TOKEN'],
    ['codex', 'OPENAI_API_KEY'],
    ['claude-code', 'ANTHROPIC_API_KEY'],
    ['claude-cowork', 'ANTHROPIC_API_KEY'],
  ] as const)('let %s take its key from %s, too', (name, variable) => {
    expect(read({ [variable]: 'a-key' }, name)).toMatchObject([{ apiKey: 'a-key' }])
    const row = findRow(name)
    expect(read({ [variable]: 'b', [row.keys[0] ?? '']: 'mine' }, name)).toMatchObject([{ apiKey: 'mine' }])
  })

  it('send a key of another provider where that one sends it', () => {
    const env = { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'http://gateway' }
    expect(read(env, 'codex')).toMatchObject([{ apiKey: 'k', baseUrl: 'http://gateway' }])
    expect(read({ ...env, CODEX_BASE_URL: 'http://mine' }, 'codex')).toMatchObject([{ baseUrl: 'http://mine' }])
    expect(read({ ...env, CODEX_API_KEY: 'c' }, 'codex')).toMatchObject([{ baseUrl: 'https://api.openai.com/v1' }])
  })

  it('are understood by the short name of NVIDIA, too', () => {
    const env = { NVIDIA_API_KEY: 'k', NVIDIA_MODEL: 'm', NVIDIA_BASE_URL: 'http://nim', NVIDIA_NIM_MAX_TOKENS: '5' }
    expect(read(env, 'nvidia-nim')).toMatchObject([{ model: 'm', baseUrl: 'http://nim', tokensMax: 5 }])
  })

  it('call the default agent of OpenClaw by its name', () => {
    expect(read({ OPENCLAW_MODEL: 'default' }, 'openclaw')).toMatchObject([{ model: 'openclaw' }])
  })

  it('choose the first with a key of its own, not one with the key of another, nor a gateway', () => {
    const names = (env: Record<string, string>) => read(env).map(({ row }) => row.name)
    expect(names({ CODEX_API_KEY: 'c', OPENAI_API_KEY: 'o' })).toEqual(['openai'])
    expect(names({ CODEX_API_KEY: 'c' })).toEqual(['codex'])
    expect(names({ COPILOT_TOKEN: 'c', GROQ_API_KEY: ' ' })).toEqual(['copilot'])
    expect(names({ OPENCLAW_AUTH_TOKEN: 'c', COMMAND_ARGV: '["cat"]' })).toEqual([])
  })

  it('are missed by the names under which they may be set', () => {
    expect(mistakes({}, 'codex')).toEqual([expect.stringMatching(/^CODEX_API_KEY or OPENAI_API_KEY is missing/)])
    expect(mistakes({}, 'copilot')).toEqual([expect.stringMatching(/^COPILOT_TOKEN is missing/)])
    expect(mistakes({}, 'command')).toEqual([expect.stringMatching(/^COMMAND_ARGV is missing/)])
  })

  it.each([
    ['CLAUDE_CODE_THINKING_BUDGET', '10000', 10_000],
    ['CLAUDE_COWORK_THINKING_BUDGET', 'High', 'high'],
    ['CODEX_THINKING_BUDGET', '200000', 200_000],
  ] as const)('say how much to think: %s=%s', (name, value, thinking) => {
    const keys = { OPENAI_API_KEY: 'k', ANTHROPIC_API_KEY: 'k' }
    const provider = name.replace('_THINKING_BUDGET', '').toLowerCase().replace('_', '-') as ProviderName
    expect(read({ ...keys, [name]: value }, provider)).toMatchObject([{ thinking }])
  })

  it.each([
    [
      { CLAUDE_CODE_THINKING_BUDGET: '16384' },
      /^CLAUDE_CODE_THINKING_BUDGET must be below CLAUDE_CODE_MAX_TOKENS.* 16384/,
    ],
    [{ CLAUDE_CODE_THINKING_BUDGET: '5000', CLAUDE_CODE_MAX_TOKENS: '4096' }, /must be below .* 4096/],
    [{ CLAUDE_CODE_THINKING_BUDGET: '12' }, /^CLAUDE_CODE_THINKING_BUDGET must be a whole number of tokens/],
    [{ CODEX_THINKING_BUDGET: 'sk-secret' }, /^CODEX_THINKING_BUDGET must be a whole number of tokens/],
    [{ NVIDIA_BASE_URL: 'x' }, /^NVIDIA_BASE_URL must be an http/],
    [{ GROQ_MAX_TOKENS: '0' }, /^GROQ_MAX_TOKENS must be/],
    [{ COPILOT_TOKEN: 'x'.repeat(9_000) }, /^COPILOT_TOKEN must be at most/],
  ] as [Record<string, string>, RegExp][])('are refused by their names: %j', (env, told) => {
    const found = mistakes(env)
    expect(found).toEqual([expect.stringMatching(told)])
    expect(found.join()).not.toContain('secret')
  })
})

describe('the command', () => {
  const ENV = { PATH: '/bin', HOME: '/home/me', LC_ALL: 'C', OPENAI_API_KEY: 'sk-secret', AGENT_HUB_SECRET: 'secret' }

  it('is a JSON array, and sees of the environment only where it is and what is named', () => {
    const [settings] = read(
      { ...ENV, COMMAND_ARGV: '["my-agent", "--print"]', MY_TOKEN: 't', COMMAND_ENV: 'MY_TOKEN' },
      'command',
    )
    expect(settings?.command).toEqual({
      argv: ['my-agent', '--print'],
      environment: { PATH: '/bin', HOME: '/home/me', LC_ALL: 'C', MY_TOKEN: 't' },
    })
  })

  it.each(['my-agent --print', '[]', '"my-agent"', '[""]', '["a", 1]', '["a\\u0000b"]', '{"a":1}'])(
    'is refused as %s',
    (text) => {
      expect(mistakes({ COMMAND_ARGV: text }, 'command')).toEqual([
        expect.stringMatching(/^COMMAND_ARGV must be a JSON array/),
      ])
    },
  )

  it('passes on names, not values', () => {
    expect(mistakes({ COMMAND_ENV: 'A=b' })).toEqual([expect.stringMatching(/^COMMAND_ENV must be names/)])
  })
})

describe('the documents', () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

  it.each(VENDORS)('show the defaults of $name', ({ prefix, model, baseUrl, tokensMax, name }) => {
    const example = read('../../.env.example')
    expect(example).toContain(`\n#${prefix}_MODEL=${model}\n`)
    expect(example).toContain(`\n#${prefix}_BASE_URL=${baseUrl}\n`)
    if (tokensMax !== undefined) expect(example).toContain(`\n#${prefix}_MAX_TOKENS=${tokensMax}\n`)
    expect(read('../README.md')).toMatch(new RegExp(`\\| \`${name}\` \\|.*\\| \`${model}\``))
  })
})
