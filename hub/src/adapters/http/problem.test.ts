import { ERROR_CODES, ERRORS, ProtocolError, problem } from '@ai-comms/shared'
import { describe, expect, test } from 'vitest'
import { toProblem, toRetryAfterS } from './problem.ts'

describe('a problem document', () => {
  test.each(ERROR_CODES)('of %s keeps its schema and says everything twice that old clients read', (code) => {
    const document = toProblem(new ProtocolError(code, 'What was wrong.'))
    expect(problem.parse(document)).toEqual(document)
    expect(document).toMatchObject({ code, detail: 'What was wrong.', error: 'What was wrong.', ...pick(code) })
    expect(document.type).toBe(`urn:ai-comms:problem:${code}`)
  })

  test('carries what the route and the refusal add', () => {
    const refusal = new ProtocolError('agent_not_found', 'No.', { suggestions: ['Ann'] })
    expect(toProblem(refusal, { success: false, agent: 'An' })).toMatchObject({
      success: false,
      agent: 'An',
      suggestions: ['Ann'],
    })
  })

  test('waits at least a second and never less than it must', () => {
    expect([0, 1, 999, 1_000, 1_001].map(toRetryAfterS)).toEqual([1, 1, 1, 1, 2])
  })
})

const pick = (code: keyof typeof ERRORS) => ({ title: ERRORS[code].title, status: ERRORS[code].status })
