import { describe, expect, test } from 'vitest'
import { toReconnect } from './close-codes.ts'
import { ERROR_CODES, ERRORS, ProtocolError, toErrorRow } from './errors.ts'

describe('the table of errors', () => {
  test.each(ERROR_CODES)('%s has a lower-case code, a title and an HTTP status of failure', (code) => {
    const { title, status } = toErrorRow(code)
    expect(code).toMatch(/^[a-z]+(?:_[a-z]+)*$/)
    expect(title).not.toBe('')
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThanOrEqual(599)
  })

  test('has no two rows of one title', () => {
    const titles = ERROR_CODES.map((code) => ERRORS[code].title)
    expect(new Set(titles).size).toBe(titles.length)
  })

  test('what is a client’s own mistake cannot be cured by sending it again', () => {
    const mistakes = ERROR_CODES.filter((code) => [400, 401, 403, 405, 413, 415, 422].includes(ERRORS[code].status))
    expect(mistakes.filter((code) => ERRORS[code].retryable)).toEqual([])
  })

  test('what is full, late or shutting down may succeed later', () => {
    const passing = ERROR_CODES.filter((code) => [429, 503, 507].includes(ERRORS[code].status))
    expect(passing.filter((code) => !ERRORS[code].retryable)).toEqual([])
  })

  test('no client is told to hurry back after an error that it must fix', () => {
    for (const code of ERROR_CODES) {
      const { closeCode, retryable } = toErrorRow(code)
      if (closeCode !== undefined && !retryable) expect(toReconnect(closeCode)).toMatch(/^(?:fix|stop)$/)
    }
  })
})

describe('a protocol error', () => {
  test('keeps its sentence, its code and what it carries', () => {
    const cause = new Error('inside')
    const error = new ProtocolError('agent_not_found', 'Nobody.', { cause, suggestions: ['Ann'], requestId: 'r' })
    expect(error).toMatchObject({
      name: 'ProtocolError',
      message: 'Nobody.',
      detail: 'Nobody.',
      code: 'agent_not_found',
      cause,
    })
    expect(error.extras).toEqual({ suggestions: ['Ann'], requestId: 'r' })
  })

  test('without a cause has none', () => {
    expect('cause' in new ProtocolError('internal', 'x')).toBe(false)
  })
})
