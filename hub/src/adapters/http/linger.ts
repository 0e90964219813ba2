import type { IncomingMessage, ServerResponse } from 'node:http'

/** After a refusal, so many further bytes are read and thrown away, so that the client comes to read the answer. */
const LINGER_BYTES_MAX = 16 * 1_048_576
/** After a refusal, the rest of a body is awaited for so long, in milliseconds. */
const LINGER_MS_MAX = 5_000

/**
 * Reads the rest of a refused request for a while without keeping anything,
 * and closes only then for a client that asked for it. A server that closes
 * while a client still writes makes the client's system throw away the answer.
 * Nothing happens to a request that has arrived whole.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-9.6
 */
export const linger = (message: IncomingMessage, response: ServerResponse): void => {
  if (message.complete) return
  const { socket } = message
  const wantsClose = !response.shouldKeepAlive
  // Without this, node:http closes as soon as the answer is written
  response.shouldKeepAlive = true
  let bytes = 0
  const timer = setTimeout(() => socket.destroy(), LINGER_MS_MAX)
  message.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > LINGER_BYTES_MAX) socket.destroy()
  })
  message.once('close', () => clearTimeout(timer))
  message.once('end', () => {
    clearTimeout(timer)
    if (!wantsClose) return
    if (response.writableFinished) socket.end()
    else response.once('finish', () => socket.end())
  })
}
