import { describe, expect, it } from 'vitest'
import { setUpProvider } from '../../test-support/set-up-provider.ts'
import { refuse, startVendor } from '../../test-support/vendor-server.ts'
import type { ProviderName } from './catalog.ts'

type Row = readonly [what: string, who: ProviderName, status: number, body: object, told: object]

const openAi = (message: string, type: string, code: string | null = null) => ({
  error: { message, type, param: null, code },
})
const anthropic = (type: string, message = 'no') => ({ type: 'error', error: { type, message }, request_id: 'req_1' })
const google = (code: number, status: string, message: string, details: object[] = []) => [
  { error: { code, message, status, details } },
]
const mistral = (type: string, message: unknown, code: string | null = null) => ({
  object: 'error',
  message,
  type,
  param: null,
  code,
})
const RETRY_INFO = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '20.4s' }
const PER_DAY = {
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier' }],
}

const QUOTA = 'You exceeded your current quota, please check your plan and billing details.'
/** A model that is not there for us: a person must choose another, and the key is good for others. */
const MODEL = { kind: 'auth', isModelSpecific: true }
/** A request that another may well take. */
const SHAPE = { kind: 'invalid', isModelSpecific: true }

const BODIES: readonly Row[] = [
  [
    'key',
    'openai',
    401,
    openAi('Incorrect API key', 'invalid_request_error', 'invalid_api_key'),
    { kind: 'auth', isModelSpecific: false },
  ],
  ['quota', 'openai', 429, openAi(QUOTA, 'insufficient_quota', 'insufficient_quota'), { kind: 'auth' }],
  [
    'rate limit',
    'openai',
    429,
    openAi(
      'Rate limit reached for a-model on RPM: Limit 3. Please try again in 20s.',
      'requests',
      'rate_limit_exceeded',
    ),
    { kind: 'rate-limit', retryAfterMs: 20_000 },
  ],
  [
    'request beyond all limits',
    'openai',
    429,
    openAi('Request too large for a-model on TPM: Limit 30000, Requested 40000.', 'tokens', 'rate_limit_exceeded'),
    { kind: 'context' },
  ],
  ['model', 'openai', 404, openAi('The model `x` does not exist', 'invalid_request_error', 'model_not_found'), MODEL],
  ['parameter', 'openai', 400, openAi('Unsupported', 'invalid_request_error', 'unsupported_parameter'), SHAPE],
  ['prompt', 'openai', 400, openAi('long', 'invalid_request_error', 'context_length_exceeded'), { kind: 'context' }],
  ['filter', 'openai', 400, openAi('filtered', 'invalid_request_error', 'content_filter'), { kind: 'policy' }],
  [
    'request',
    'openai',
    400,
    openAi('bad', 'invalid_request_error'),
    { kind: 'invalid', isModelSpecific: false, vendorCode: 'invalid_request_error' },
  ],
  ['server', 'openai', 500, openAi('sorry', 'server_error'), { kind: 'overload' }],
  ['policy service', 'openai', 500, openAi('content policy service is down', 'server_error'), { kind: 'overload' }],
  ['key', 'anthropic', 401, anthropic('authentication_error'), { kind: 'auth' }],
  ['permission', 'anthropic', 403, anthropic('permission_error'), { kind: 'auth' }],
  ['account', 'anthropic', 400, anthropic('invalid_request_error', 'Your credit balance is too low'), { kind: 'auth' }],
  ['billing', 'anthropic', 402, anthropic('billing_error'), { kind: 'auth' }],
  ['rate limit', 'anthropic', 429, anthropic('rate_limit_error'), { kind: 'rate-limit' }],
  ['overload', 'anthropic', 529, anthropic('overloaded_error'), { kind: 'overload', status: 529 }],
  ['server', 'anthropic', 500, anthropic('api_error'), { kind: 'overload' }],
  ['model', 'anthropic', 404, anthropic('not_found_error', 'model: claude-9'), MODEL],
  ['thinking', 'anthropic', 400, anthropic('invalid_request_error', '"thinking.type.enabled" is not supported'), SHAPE],
  [
    'prompt',
    'anthropic',
    400,
    anthropic('invalid_request_error', 'prompt is too long: 9 tokens > 5 maximum'),
    { kind: 'context' },
  ],
  ['size', 'anthropic', 413, anthropic('request_too_large'), { kind: 'context' }],
  ['request', 'anthropic', 400, anthropic('invalid_request_error'), { kind: 'invalid', isModelSpecific: false }],
  ['key', 'google', 400, google(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass one.'), { kind: 'auth' }],
  [
    'rate limit',
    'google',
    429,
    google(429, 'RESOURCE_EXHAUSTED', QUOTA, [RETRY_INFO]),
    { kind: 'rate-limit', retryAfterMs: 20_400, vendorCode: 'resource_exhausted' },
  ],
  [
    'quota of the day',
    'google',
    429,
    google(429, 'RESOURCE_EXHAUSTED', QUOTA, [PER_DAY, RETRY_INFO]),
    { kind: 'rate-limit', retryAfterMs: 3_600_000 },
  ],
  ['model', 'google', 404, google(404, 'NOT_FOUND', 'models/x is not found for API version v1main'), MODEL],
  [
    'prompt',
    'google',
    400,
    google(400, 'INVALID_ARGUMENT', 'The input token count (9) exceeds the maximum number of tokens allowed (5).'),
    { kind: 'context' },
  ],
  ['overload', 'google', 503, google(503, 'UNAVAILABLE', 'The model is overloaded.'), { kind: 'overload' }],
  ['rate limit', 'mistral', 429, mistral('rate_limited', 'Rate limit exceeded', '1300'), { kind: 'rate-limit' }],
  [
    'capacity',
    'mistral',
    429,
    mistral('invalid_request_error', 'Service tier capacity exceeded for this model.'),
    { kind: 'overload' },
  ],
  [
    'parameter',
    'mistral',
    422,
    mistral('invalid_request_error', {
      detail: [{ type: 'extra_forbidden', loc: ['body', 'stream_options'], msg: 'Extra inputs are not permitted' }],
    }),
    SHAPE,
  ],
  ['model', 'mistral', 400, mistral('invalid_model', 'Invalid model: x', '1500'), MODEL],
  ['key', 'mistral', 401, { detail: 'Unauthorized' }, { kind: 'auth' }],
  ['key', 'cohere', 401, { message: 'invalid api token' }, { kind: 'auth' }],
  [
    'trial key',
    'cohere',
    429,
    { message: 'You are using a Trial key, which is limited to 1000 API calls / month. You can continue to use it.' },
    { kind: 'auth' },
  ],
  ['model', 'cohere', 404, { message: "model 'x' not found, make sure the correct model ID was used" }, MODEL],
  [
    'rate limit',
    'groq',
    429,
    openAi(
      'Rate limit reached for m on TPM: Limit 6000. Please try again in 7m12.5s. Visit',
      'tokens',
      'rate_limit_exceeded',
    ),
    { kind: 'rate-limit', retryAfterMs: 432_500 },
  ],
  [
    'prompt beyond the limit',
    'groq',
    413,
    openAi('Request too large for model m on tokens per minute (TPM)', 'tokens', 'rate_limit_exceeded'),
    { kind: 'context' },
  ],
  [
    'model',
    'groq',
    400,
    openAi('The model has been decommissioned', 'invalid_request_error', 'model_decommissioned'),
    MODEL,
  ],
  ['model', 'ollama', 404, { error: "model 'x' not found, try pulling it first" }, MODEL],
  ['server', 'ollama', 500, { error: 'llama runner process has terminated' }, { kind: 'overload' }],
  ['prompt', 'ollama', 400, { error: 'the input length exceeds the context length' }, { kind: 'context' }],
  [
    'balance',
    'deepseek',
    402,
    openAi('Insufficient Balance', 'unknown_error', 'invalid_request_error'),
    { kind: 'auth' },
  ],
  ['policy', 'deepseek', 400, openAi('Content Exists Risk', 'invalid_request_error'), { kind: 'policy' }],
  [
    'credits',
    'xai',
    429,
    {
      code: 'Some resource has been exhausted',
      error: 'Your team x has either used all available credits or reached its limit.',
    },
    { kind: 'auth' },
  ],
  [
    'credits',
    'xai',
    403,
    { code: 'permission-denied', error: "Your newly created team doesn't have any credits or licenses yet." },
    { kind: 'auth' },
  ],
  ['key', 'xai', 400, { code: 'invalid-argument', error: 'Incorrect API key provided: xa***ey.' }, { kind: 'auth' }],
  [
    'policy',
    'xai',
    403,
    { code: 'permission-denied', error: 'Content violates usage guidelines.' },
    { kind: 'policy' },
  ],
  ['model', 'perplexity', 400, { error: { message: "Invalid model 'x'", type: 'invalid_model', code: 400 } }, MODEL],
  ['model', 'copilot', 400, { error: { code: 'unknown_model', message: 'Unknown model: x', details: 'no' } }, MODEL],
  ['limit', 'nvidia-nim', 429, { status: 429, title: 'Too Many Requests' }, { kind: 'rate-limit' }],
  ['page', 'openclaw', 404, { error: { message: 'Not Found', type: 'not_found' } }, MODEL],
  ['limit under a 200', 'openai', 200, { error: { code: 429, message: 'no' } }, { kind: 'rate-limit', status: 429 }],
  ['credits under a 200', 'openai', 200, { error: { code: 402, message: 'no' } }, { kind: 'auth', status: 402 }],
  ['overload under a 200', 'openai', 200, { error: { code: 502, message: 'no' } }, { kind: 'overload', status: 502 }],
  [
    'moderation',
    'openai',
    403,
    { error: { code: 403, message: 'The model requires moderation and your input was flagged', metadata: {} } },
    { kind: 'policy' },
  ],
  ['timeout', 'openai', 408, { error: { message: 'Timed out', code: 408 } }, { kind: 'timeout' }],
]

describe('an error of a vendor', () => {
  it.each(BODIES)('(%s of %s, %i) is told by its kind', async (_what, who, status, body, told) => {
    await using vendor = await startVendor(refuse(status, body))
    const { error } = await (await setUpProvider(who, vendor.url, { apiKey: 'a-key' })).fail()
    expect(error).toMatchObject(told)
    expect(vendor.requests).toHaveLength(1)
  })
})

describe('a secret', () => {
  const KEY = 'sk-recognisable-0123456789abcdef'
  const said = `Incorrect API key provided: ${KEY}. The prompt was: hi`

  it.each([
    ['in a sentence', 'openai', 401, openAi(said, 'invalid_request_error', 'invalid_api_key')],
    ['in a code', 'openai', 400, openAi('no', 'x', KEY)],
    ['in a string', 'ollama', 500, { error: said }],
    ['in a sentence of Anthropic', 'anthropic', 401, anthropic('authentication_error', said)],
    ['under a 200', 'openai', 200, { error: { message: said, code: KEY } }],
  ] as const)('that a vendor repeats %s stays behind', async (_where, who, status, body) => {
    await using vendor = await startVendor(refuse(status, body))
    const { provider, fail } = await setUpProvider(who, vendor.url, { apiKey: KEY })
    const { error } = await fail()
    const { inspect } = await import('node:util')
    const all = `${inspect(error, { depth: 12, showHidden: true })}${error.stack}${JSON.stringify(error)}`
    expect(all).not.toContain(KEY)
    expect(all).not.toContain('The prompt was')
    expect(inspect(provider, { depth: 0 })).not.toContain(KEY)
  })

  it('has a short name that tells it from others and cannot be read back', async () => {
    const ids = await Promise.all(
      (['openai', 'openai', 'codex'] as const).map(async (name, index) => {
        const { provider } = await setUpProvider(name, 'http://localhost', { apiKey: index === 1 ? 'another' : KEY })
        return provider.keyId
      }),
    )
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}$/)
    expect(new Set(ids).size).toBe(3)
    expect((await setUpProvider('ollama', 'http://localhost')).provider.keyId).toBeUndefined()
  })
})
