import { expect, test } from 'vitest'
import { wantsEvents } from './event-stream.ts'

test.each([
  ['text/event-stream', true],
  ['Text/Event-Stream; charset=utf-8', true],
  ['text/event-stream, application/json', true],
  ['application/json, text/event-stream', false],
  ['application/json;q=0.5, text/event-stream', true],
  ['text/event-stream;q=0.5, */*', false],
  ['text/event-stream;q=0', false],
  ['text/event-stream;q=nonsense', false],
  ['text/html, text/event-stream', true],
  ['*/*', false],
  ['', false],
  [undefined, false],
])('Accept: %s asks for a stream: %s', (accept, isWanted) => {
  expect(wantsEvents(accept)).toBe(isWanted)
})
