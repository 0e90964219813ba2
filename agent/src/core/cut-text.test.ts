import { expect, test } from 'vitest'
import { cutText } from './cut-text.ts'

test('a text that fits is left as it is, and of a longer one it is told how much is missing', () => {
  expect(cutText('abcd', 4)).toBe('abcd')
  expect(cutText('abcde', 4)).toBe('abcd\n[… 1 characters left out]')
})

test('no character is cut in two', () => {
  expect(cutText('ab👋c', 3)).toBe('ab\n[… 3 characters left out]')
  expect(cutText('ab👋c', 4)).toBe('ab👋\n[… 1 characters left out]')
})
