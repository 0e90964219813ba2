/** Most bytes of an answer that comes in one piece. */
export const WHOLE_BYTES_MAX = 8 * 1_048_576

/**
 * The answer of a server that was asked for a stream and sent JSON: a whole answer, or an error under a 200. Undefined
 * when it is a stream.
 *
 * @throws {SyntaxError} when it is no JSON, or larger than anything that is an answer
 */
export const readWhole = async (response: Response): Promise<unknown> => {
  const type = response.headers.get('content-type') ?? ''
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(type)) return undefined
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > WHOLE_BYTES_MAX) throw new SyntaxError('the answer is too large')
    chunks.push(chunk)
  }
  return JSON.parse(Buffer.concat(chunks).toString())
}

/** Whether an answer is an error, though its status is not. */
export const isErrorBody = (body: unknown): boolean => {
  const first: unknown = Array.isArray(body) ? body[0] : body
  if (typeof first !== 'object' || first === null) return true
  return ('error' in first && Boolean(first.error)) || ('object' in first && first.object === 'error')
}
