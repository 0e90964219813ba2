import { StorageError } from '../../core/failures.ts'
import { findStatus, type ObserveWhatsApp, toFault } from './events.ts'

/** Takes a trouble that nobody can answer to, and where it arose. */
export type Complain = (what: string, error: unknown) => void

/** Tells of troubles, without what might be private in them. */
export const createComplain =
  (observe: ObserveWhatsApp): Complain =>
  (what, error) => {
    const status = findStatus(error)
    if (error instanceof StorageError) {
      // a socket that was given up may still be at work when the room is closed
      if (error.code !== 'closed') observe({ type: 'whatsapp.storage-failed', code: error.code })
    } else if (status !== undefined) {
      observe({ type: 'whatsapp.library', level: 'warn', sentence: `${what} failed with ${status}` })
    } else {
      observe({ type: 'whatsapp.broken', what, ...toFault(error) })
    }
  }
