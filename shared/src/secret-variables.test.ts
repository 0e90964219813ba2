import { expect, test } from 'vitest'
import { AGENT_SECRET_VARIABLES, HUB_SECRET_VARIABLES, isSecretVariable } from './secret-variables.ts'

test('the secrets of hub and agent are known by their names, and nothing else is taken for one', () => {
  expect(HUB_SECRET_VARIABLES).toEqual(['HUB_SECRET', 'HUB_SECRET_PREVIOUS'])
  expect(AGENT_SECRET_VARIABLES).toEqual(
    expect.arrayContaining([
      'AGENT_HUB_SECRET',
      'SECURITY_AGENT_SECRET',
      'SECURITY_AGENT_SECRET_PREVIOUS',
      'SECURITY_ENCRYPTION_KEY',
    ]),
  )
  const others = [
    'TLS_KEY_PATH',
    'AI_FIRST_TOKEN_TIMEOUT_MS',
    'AI_BUDGET_TOKENS_PER_DAY',
    'OPENAI_MAX_TOKENS',
    'MONKEY',
  ]
  expect(others.filter(isSecretVariable)).toEqual([])
  const keys = [
    'OPENAI_API_KEY',
    'COPILOT_TOKEN',
    'OPENCLAW_AUTH_TOKEN',
    'WHATSAPP_ACCESS_TOKEN',
    'WHATSAPP_APP_SECRET',
  ]
  expect(keys.filter(isSecretVariable)).toEqual(keys)
})
