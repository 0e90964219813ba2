import { LinkSocket } from '../adapters/hub/link-socket.ts'
import type { Clock } from '../core/ports.ts'

/** Longest goodbye, in milliseconds. */
const CLOSE_MS_MAX = 500

/**
 * Opens a WebSocket and closes it without a word, so that no running agent is replaced and no peer hears of anybody.
 *
 * @returns why none came about, or undefined when one did
 */
export const trySocket = async (url: URL, waitMs: number, clock: Clock): Promise<string | undefined> => {
  const outcome = Promise.withResolvers<string | undefined>()
  const socket = new LinkSocket(url, {
    connectMs: waitMs,
    listener: {
      opened: () => outcome.resolve(undefined),
      received: () => {},
      heard: () => {},
      closed: (code, why) => outcome.resolve(why || `it was closed with ${code}`),
    },
  })
  const why = await outcome.promise
  if (why === undefined) await socket.close(1000, 'Only looking', clock, CLOSE_MS_MAX)
  return why
}
