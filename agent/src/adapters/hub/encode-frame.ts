import { Buffer } from 'node:buffer'
import type { AgentFrameInput } from '@ai-comms/shared'
import type { TaskReply } from '../../core/ports.ts'

const fits = (text: string, bytesMax: number): boolean =>
  text.length * 3 <= bytesMax || Buffer.byteLength(text) <= bytesMax

/**
 * A frame as text, or undefined when it is over the hub's limit and nobody would miss it. An answer over the limit
 * becomes the failure that says so: sent as it is, it would cost the whole link its socket, again at every redelivery.
 */
export const encodeFrame = (frame: TaskReply, bytesMax: number): string | undefined => {
  const text = JSON.stringify(frame)
  if (fits(text, bytesMax)) return text
  if (frame.type !== 'task-response') return undefined
  return JSON.stringify({
    type: 'task-error',
    requestId: frame.requestId,
    error: `The agent's answer is larger than the ${bytesMax} bytes that the hub takes.`,
    code: 'payload_too_large',
    retryable: false,
  } satisfies TaskReply)
}

/** A message to another agent as text, or undefined when it is over the hub's limit. */
export const encodeMessage = (target: string, message: string, bytesMax: number): string | undefined => {
  const text = JSON.stringify({ type: 'agent-message', target, message } satisfies AgentFrameInput)
  return fits(text, bytesMax) ? text : undefined
}
