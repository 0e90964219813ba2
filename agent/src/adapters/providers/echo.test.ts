import { describe, expect, it } from 'vitest'
import { EchoProvider } from './echo.ts'

describe('the echo', () => {
  it('says that it is one, how to get a real provider, and what it was told', async () => {
    const pieces: string[] = []
    const { text } = await new EchoProvider().complete(
      { system: '', turns: [{ role: 'user', text: 'marco', sender: 'bot' }] },
      { signal: new AbortController().signal, deadlineAt: 0, onText: (piece) => pieces.push(piece) },
    )
    for (const part of [
      'echo',
      'no AI provider is configured',
      'OPENAI_API_KEY',
      'ANTHROPIC_API_KEY',
      'Your message: marco',
    ]) {
      expect(text).toContain(part)
    }
    expect(pieces.join('')).toBe(text)
  })
})
