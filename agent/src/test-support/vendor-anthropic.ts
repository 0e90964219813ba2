import { USAGE, type Wire } from './vendor-wire.ts'

type Event = { readonly type: string } & Record<string, unknown>

const REASONS = { stop: 'end_turn', length: 'max_tokens', policy: 'refusal' } as const
const MESSAGE = { id: 'msg_1', type: 'message', role: 'assistant', model: 'a-claude', stop_sequence: null }

const write = (...events: Event[]): string =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')

const toDelta = (delta: Event): string => write({ type: 'content_block_delta', index: 0, delta })
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
  whole: (text) => ({
    ...MESSAGE,
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    usage: { input_tokens: USAGE.inputTokens, output_tokens: USAGE.outputTokens },
  }),
  errorBody: toError,
}
