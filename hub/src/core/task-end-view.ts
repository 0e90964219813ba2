import type { ErrorCode } from '@ai-comms/shared'

/** What a task of any kind tells about its end. */
type Ending =
  | { readonly state: 'submitted' | 'working' }
  | { readonly state: 'completed'; readonly response: string }
  | { readonly state: 'failed' | 'canceled' | 'rejected'; readonly error: string; readonly code: ErrorCode }

/** How a task ended, as callers see it; nothing while it goes on. */
export const toEndView = (
  task: Ending,
): { readonly response?: string; readonly error?: string; readonly code?: ErrorCode } => {
  switch (task.state) {
    case 'submitted':
    case 'working':
      return {}
    case 'completed':
      return { response: task.response }
    default:
      return { error: task.error, code: task.code }
  }
}
