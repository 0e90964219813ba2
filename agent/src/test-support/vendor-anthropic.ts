import { USAGE, type Wire, type WireCall } from './vendor-wire.ts'

type Event = { readonly type: string } & Record<string, unknown>

const REASONS = { stop: 'end_turn', length: 'max_tokens', policy: 'refusal', call: 'tool_use' } as const
const MESSAGE = { id: 'msg_1', type: 'message', role: 'assistant', model: 'a-claude', stop_sequence: null }

const write = (...events: Event[]): string =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')

const toDelta = (delta: Event): string => write({ type: 'content_block_delta', index: 0, delta })

const writeCall = ({ name, pieces }: WireCall, position: number): string => {
  // block 0 is the text
  const index = position + 1
  const toInput = (partial_json: string): Event => ({
    type: 'content_block_delta',
    index,
    delta: { type: 'input_json_delta', partial_json },
  })
  return write(
    { type: 'content_block_start', index, content_block: { type: 'tool_use', id: `toolu_${index}`, name, input: {} } },
    ...['', ...pieces].map(toInput),
    { type: 'content_block_stop', index },
  )
}

const toWhole = (content: object[], reason: string) => ({
  ...MESSAGE,
  content,
  stop_reason: reason,
  usage: { input_tokens: USAGE.inputTokens, output_tokens: USAGE.outputTokens },
})

const toError = (message: string): Event => ({
  type: 'error',
  error: { type: 'overloaded_error', message },
  request_id: 'req_1',
})

/** Anthropic's messages. */
export const anthropicWire: Wire = {
  name: 'anthropic',
  path: '/v1/messages',
  begin: write(
    {
      type: 'message_start',
      message: {
        ...MESSAGE,
        content: [],
        stop_reason: null,
        usage: { input_tokens: USAGE.inputTokens, output_tokens: 1 },
      },
    },
    { type: 'ping' },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  ),
  piece: (text) => toDelta({ type: 'text_delta', text }),
  thought: (thinking) => toDelta({ type: 'thinking_delta', thinking }),
  calls: (...calls) => calls.map(writeCall).join(''),
  end: (reason) =>
    write(
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: reason === undefined ? null : REASONS[reason], stop_sequence: null },
        usage: { output_tokens: USAGE.outputTokens },
      },
      { type: 'message_stop' },
    ),
  error: (message) => write(toError(message)),
  malformed: 'event: content_block_delta\ndata: {"type":"content_blo\n\n',
  whole: (text) => toWhole([{ type: 'text', text }], 'end_turn'),
  wholeCalls: (text, ...calls) =>
    toWhole(
      [{ type: 'text', text }, ...calls.map((call, index) => ({ type: 'tool_use', id: `toolu_${index}`, ...call }))],
      'tool_use',
    ),
  errorBody: toError,
}
