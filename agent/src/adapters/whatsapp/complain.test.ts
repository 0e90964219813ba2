import { describe, expect, it } from 'vitest'
import { StorageError } from '../../core/failures.ts'
import { createComplain } from './complain.ts'
import type { WhatsAppEvent } from './events.ts'

const tell = (error: unknown): WhatsAppEvent[] => {
  const events: WhatsAppEvent[] = []
  createComplain((event) => events.push(event))('relay', error)
  return events
}

describe('a trouble', () => {
  it('of the storage is told by its code, unless the room is closed', () => {
    expect(tell(new StorageError('SQLITE_FULL'))).toEqual([{ type: 'whatsapp.storage-failed', code: 'SQLITE_FULL' }])
    expect(tell(new StorageError('closed'))).toEqual([])
  })

  it('of Baileys is told by its status', () => {
    const closed = Object.assign(new Error('Connection Closed'), { output: { statusCode: 428 } })
    expect(tell(closed)).toEqual([{ type: 'whatsapp.library', level: 'warn', sentence: 'relay failed with 428' }])
  })

  it('that is a bug is told by where it is, and never in its own words', () => {
    const [event] = tell(new TypeError('491711234567 said "secret"'))
    expect(event).toMatchObject({ type: 'whatsapp.broken', what: 'relay', name: 'TypeError', code: 'none' })
    expect(event).toHaveProperty('at', expect.stringContaining('complain.test.ts'))
    expect(JSON.stringify(event)).not.toMatch(/secret|49171/)
    expect(tell('secret')).toEqual([{ type: 'whatsapp.broken', what: 'relay', name: 'string', code: 'thrown', at: '' }])
  })
})
