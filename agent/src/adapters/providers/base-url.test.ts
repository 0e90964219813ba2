import { describe, expect, it } from 'vitest'
import { toAnthropicBase, toOpenAiBase } from './base-url.ts'

describe('the base URL', () => {
  it.each([
    ['https://api.openai.com', 'https://api.openai.com/v1'],
    ['https://api.openai.com/v1/', 'https://api.openai.com/v1'],
    ['http://localhost:18789', 'http://localhost:18789/v1'],
    ['https://api.groq.com/openai', 'https://api.groq.com/openai/v1'],
    ['https://api.fireworks.ai/inference/', 'https://api.fireworks.ai/inference/v1'],
    ['https://api.cohere.ai/compatibility', 'https://api.cohere.ai/compatibility/v1'],
    [
      'https://generativelanguage.googleapis.com/v1beta/openai/',
      'https://generativelanguage.googleapis.com/v1beta/openai',
    ],
    [
      'https://generativelanguage.googleapis.com/v1beta/openai/v1',
      'https://generativelanguage.googleapis.com/v1beta/openai',
    ],
    ['https://models.github.ai/inference', 'https://models.github.ai/inference'],
    ['https://models.github.ai/inference/v1', 'https://models.github.ai/inference'],
    ['https://api.perplexity.ai', 'https://api.perplexity.ai'],
    ['https://api.perplexity.ai/v1', 'https://api.perplexity.ai'],
    ['https://gateway.example/v1/account/openai', 'https://gateway.example/v1/account/openai'],
    ['https://vv.example/v1', 'https://vv.example/v1'],
  ])('%s is asked at %s', (given, asked) => {
    expect(toOpenAiBase(given)).toBe(asked)
  })

  it.each([
    'https://api.anthropic.com',
    'https://api.anthropic.com/',
    'https://api.anthropic.com/v1',
    'https://api.anthropic.com/v1/',
  ])('%s is the same to Anthropic', (given) => {
    expect(toAnthropicBase(given)).toBe('https://api.anthropic.com')
  })
})
