import type { Usage } from '../../core/events.ts'
import { ProviderError } from '../../core/failures.ts'
import { toProviderError, type VendorFacts } from './vendor-error.ts'

/** The classes of an SDK's errors, which each SDK has for itself. */
export interface SdkErrors {
  readonly timeout: abstract new (...args: never[]) => Error
  readonly connection: abstract new (...args: never[]) => Error
  readonly api: abstract new (...args: never[]) => Error
}

const read = (error: object, key: string): unknown => Reflect.get(error, key)

const toFacts = (error: Error, usage: Usage | undefined): VendorFacts => {
  const [status, headers, body] = [read(error, 'status'), read(error, 'headers'), read(error, 'error')]
  return {
    status: typeof status === 'number' ? status : undefined,
    headers: headers instanceof Headers ? headers : undefined,
    // a body that is no JSON is left in the message alone
    body: body ?? error.message,
    usage,
  }
}

/**
 * What an SDK has thrown, as ours. The thrown thing itself is let go: it may hold the key, the prompt or both, and
 * whatever is in a `cause` finds its way into a log some day.
 */
export const readSdkError = (error: unknown, sdk: SdkErrors, now: number, usage: Usage | undefined): ProviderError => {
  if (error instanceof ProviderError) return error
  const code = findSystemCode(error)
  if (error instanceof sdk.timeout) return new ProviderError('timeout', { vendorCode: code, usage })
  if (error instanceof sdk.api && !(error instanceof sdk.connection)) return toProviderError(toFacts(error, usage), now)
  // a piece of a stream that is no JSON
  if (error instanceof SyntaxError) return new ProviderError('truncated', { vendorCode: 'malformed', usage })
  // a connection that fails, or a socket that breaks inside of a stream; Node has a patience of its own
  return new ProviderError(code?.endsWith('TIMEOUT') ? 'timeout' : 'network', { vendorCode: code, usage })
}

/** The system's own word for it, such as `ECONNREFUSED`, from wherever in the chain of causes it is. */
const findSystemCode = (error: unknown): string | undefined => {
  for (let each: unknown = error, depth = 0; each instanceof Error && depth < 5; each = each.cause, depth++) {
    const code = read(each, 'code')
    if (typeof code === 'string' && /^[A-Z_]{3,40}$/.test(code)) return code
  }
  return undefined
}
