import type { IncomingMessage } from 'node:http'
import { ProtocolError } from '@ai-comms/shared'

const isJsonType = (contentType: string | undefined): boolean => {
  if (contentType === undefined || contentType === 'application/json') return true
  const [mediaType = ''] = contentType.split(';')
  const essence = mediaType.trim().toLowerCase()
  return essence === '' || essence === 'application/json' || /^[\w.!#$&^-]+\/[\w.!#$&^-]+\+json$/.test(essence)
}

const refuseByHeaders = ({ headers }: IncomingMessage, bytesMax: number): ProtocolError | undefined => {
  const encoding = headers['content-encoding']?.trim().toLowerCase()
  if (encoding !== undefined && encoding !== '' && encoding !== 'identity') {
    return new ProtocolError('unsupported_media_type', 'Compressed bodies are not taken; send the JSON as it is.')
  }
  if (!isJsonType(headers['content-type'])) {
    return new ProtocolError('unsupported_media_type', 'The body must be JSON; send content-type: application/json.')
  }
  return Number(headers['content-length'] ?? 0) > bytesMax ? toTooLarge(bytesMax) : undefined
}

const toTooLarge = (bytesMax: number) =>
  new ProtocolError('payload_too_large', `The body must be at most ${bytesMax} bytes.`)

const parseJson = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (cause) {
    throw new ProtocolError('bad_json', 'The body is not JSON.', { cause })
  }
}

/**
 * Reads a JSON body of at most `bytesMax`.
 *
 * @param done called once: with a {@link ProtocolError} `unsupported_media_type`, `payload_too_large`, `bad_json`
 * or `bad_request` (the body broke off), or with the parsed body; undefined for an empty one. What a refused body
 * still holds is left to the caller to read
 */
export const readJsonBody = (
  message: IncomingMessage,
  bytesMax: number,
  done: (error: Error | null, body?: unknown) => void,
): void => {
  const refusal = refuseByHeaders(message, bytesMax)
  if (refusal !== undefined) {
    done(refusal)
    return
  }
  const chunks: Buffer[] = []
  let bytes = 0
  const stop = () => {
    message.off('data', take)
    message.off('end', finish)
    message.off('error', breakOff)
  }
  const take = (chunk: Buffer) => {
    bytes += chunk.length
    chunks.push(chunk)
    if (bytes <= bytesMax) return
    stop()
    done(toTooLarge(bytesMax))
  }
  const finish = () => {
    const [first] = chunks
    if (first === undefined) {
      done(null, undefined)
      return
    }
    try {
      done(null, parseJson(chunks.length === 1 ? first : Buffer.concat(chunks, bytes)))
    } catch (error) {
      done(error instanceof Error ? error : new Error('The body could not be read', { cause: error }))
    }
  }
  const breakOff = (cause: Error) => {
    stop()
    done(new ProtocolError('bad_request', 'The body broke off.', { cause }))
  }
  message.on('data', take)
  message.on('end', finish)
  message.on('error', breakOff)
}
