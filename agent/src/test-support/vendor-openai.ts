import { USAGE, type Wire, type WireCall } from './vendor-wire.ts'

const REASONS = { stop: 'stop', length: 'length', policy: 'content_filter', call: 'tool_calls' } as const
const USED = {
  prompt_tokens: USAGE.inputTokens,
  completion_tokens: USAGE.outputTokens,
  total_tokens: USAGE.inputTokens + USAGE.outputTokens,
}

const write = (event: object): string => `data: ${JSON.stringify(event)}\n\n`

/** A chunk as OpenAI and its compatible servers send them. */
export const toChunk = (delta: object, finish: string | null = null) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'a-model',
  choices: [{ index: 0, delta, finish_reason: finish }],
})

const writeCall = ({ name, pieces }: WireCall, index: number): string => {
  const toCalls = (call: object) => write(toChunk({ tool_calls: [{ index, ...call }] }))
  return [
    toCalls({ id: `call_${index}`, type: 'function', function: { name, arguments: '' } }),
    ...pieces.map((piece) => toCalls({ function: { arguments: piece } })),
  ].join('')
}

const toWhole = (message: object, finish: string) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'a-model',
  choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish }],
  usage: USED,
})

/** OpenAI's chat completions. */
export const openAiWire: Wire = {
  name: 'openai',
  path: '/v1/chat/completions',
  begin: write(toChunk({ role: 'assistant', content: '' })),
  piece: (text) => write(toChunk({ content: text })),
  thought: (text) => write(toChunk({ reasoning_content: text })),
  calls: (...calls) => calls.map(writeCall).join(''),
  end: (reason) =>
    [
      ...(reason === undefined ? [] : [write(toChunk({}, REASONS[reason]))]),
      write({ ...toChunk({}), choices: [], usage: USED }),
      'data: [DONE]\n\n',
    ].join(''),
  error: (message) => write({ error: { message, type: 'server_error', param: null, code: null } }),
  malformed: 'data: {"choices":[{"del\n\n',
  whole: (content) => toWhole({ content }, 'stop'),
  wholeCalls: (content, ...calls) => {
    const written = calls.map(({ name, input }, index) => ({
      id: `call_${index}`,
      type: 'function',
      function: { name, arguments: JSON.stringify(input) },
    }))
    return toWhole({ content, tool_calls: written }, 'tool_calls')
  },
  errorBody: (message) => ({ error: { message, type: 'server_error', param: null, code: null } }),
}
