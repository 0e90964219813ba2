import { expect, test } from 'vitest'
import { EarlyFrames } from './early-frames.ts'

const frameOf = (bytes: number) => ({ data: Buffer.alloc(bytes), isBinary: false })

test('early frames are kept in order and handed out once', () => {
  const early = new EarlyFrames()
  const frames = [frameOf(1), frameOf(2), frameOf(0)]
  for (const frame of frames) expect(early.offer(frame)).toBe(true)
  expect(early.take()).toEqual(frames)
  expect(early.take()).toEqual([])
})

test('early frames are bounded by 64 KiB in all, and empty ones count, too', () => {
  const early = new EarlyFrames()
  expect(early.offer(frameOf(65_536 - 14))).toBe(true)
  expect(early.offer(frameOf(0))).toBe(false)
  const many = new EarlyFrames()
  let count = 0
  while (many.offer(frameOf(0))) count++
  expect(count).toBe(Math.floor(65_536 / 14))
})
