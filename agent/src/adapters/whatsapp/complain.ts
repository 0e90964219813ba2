import { StorageError } from '../../core/failures.ts'
import { type ObserveWhatsApp, toFault } from './events.ts'

/** Takes a trouble that nobody can answer to, and where it arose. */
export type Complain = (what: string, error: unknown) => void

/** Tells of troubles, without what might be private in them. */
export const createComplain =
  (observe: ObserveWhatsApp): Complain =>
  (what, error) => {
    if (!(error instanceof StorageError)) observe({ type: 'whatsapp.broken', what, ...toFault(error) })
    // a socket that was given up may still be at work when the room is closed
    else if (error.code !== 'closed') observe({ type: 'whatsapp.storage-failed', code: error.code })
  }
