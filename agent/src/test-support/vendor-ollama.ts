import { openAiWire } from './vendor-openai.ts'
import type { Wire } from './vendor-wire.ts'

/**
 * Ollama below `/v1`: OpenAI's chunks, but thoughts in `reasoning`, no role before the first token, and errors that are
 * a string.
 */
export const ollamaWire: Wire = {
  ...openAiWire,
  name: 'ollama',
  begin: '',
  thought: (text) => openAiWire.thought(text).replace('reasoning_content', 'reasoning'),
  error: (message) => `data: ${JSON.stringify({ error: message })}\n\n`,
  errorBody: (message) => ({ error: message }),
}
