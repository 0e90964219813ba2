import fc from 'fast-check'
import { expect, test } from 'vitest'
import { frameUntrusted, type UntrustedKind } from './frame-untrusted.ts'
import { readFrames } from './read-frames.ts'

const KINDS: readonly UntrustedKind[] = ['human', 'peer', 'quoted', 'tool', 'step']
const word = fc.stringMatching(/^[A-Za-z0-9]{16,24}$/)
const plain = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('<', '').toWellFormed())

test('what a frame holds is read, and nothing of the frame', () => {
  fc.assert(
    fc.property(word, plain, plain, plain, fc.constantFrom(...KINDS), (delimiter, before, text, after, kind) => {
      const framed = frameUntrusted({ kind, from: 'Ann', text, delimiter })
      const inside = text.replaceAll(new RegExp(delimiter, 'gi'), '[…]')
      expect(readFrames(`${before}${framed}${after}`)).toEqual({ outside: before + after, inside })
    }),
  )
})

test('frames in frames are taken apart, so deep and no deeper', () => {
  let text = 'core'
  for (let depth = 0; depth < 8; depth += 1) {
    text = frameUntrusted({ kind: 'step', from: 'Nova', text, delimiter: `abcdefgh01234567${depth}` })
  }
  const { outside, inside } = readFrames(text)
  expect(outside).toBe('')
  expect(inside).toContain('core')
  expect(inside.split('untrusted').length - 1).toBe(8)
})

test('a text of nothing but openings is read in no time', () => {
  const text = '<untrusted aaaaaaaaaaaaaaaa kind="human" from="a">\n'.repeat(20_000)
  const before = process.cpuUsage().user
  expect(readFrames(text).outside).toBe(text)
  expect(process.cpuUsage().user - before).toBeLessThan(200_000)
})
