import { LIMITS } from '@ai-comms/shared'
import type { DeltaStream } from './delta-stream.ts'
import type { Clock, ReplyLink, TaskTools } from './ports.ts'

/** Shortest time between two progress notes of one task, in milliseconds; what comes sooner is let go. */
export const PROGRESS_MS_MIN = 50

interface ToolParts {
  readonly requestId: string
  readonly signal: AbortSignal
  readonly stream: DeltaStream
  readonly link: ReplyLink
  readonly clock: Clock
}

const cut = (text: string): string =>
  text.length <= LIMITS.PROGRESS_CHARS_MAX ? text : text.slice(0, LIMITS.PROGRESS_CHARS_MAX)

/** What a performer may use; all of it falls silent when the task has ended. */
export const toolsFor = ({ requestId, signal, stream, link, clock }: ToolParts): TaskTools => {
  let quietUntil = 0
  return {
    signal,
    delta: (text) => stream.write(text),
    progress: ({ message, percent }) => {
      const now = clock.now()
      if (stream.hasEnded || now < quietUntil) return
      quietUntil = now + PROGRESS_MS_MIN
      link.send({
        type: 'task-progress',
        requestId,
        ...(message === undefined ? {} : { message: cut(message) }),
        ...(percent === undefined || Number.isNaN(percent) ? {} : { percent: Math.min(100, Math.max(0, percent)) }),
      })
    },
  }
}
