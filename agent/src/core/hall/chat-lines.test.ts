import { describe, expect, test } from 'vitest'
import { settle } from '../../test-support/fake-clock.ts'
import { ChatLines } from './chat-lines.ts'

const setUp = (bounds = { chatWaitingMax: 2, waitingMax: 4, runningMax: 2 }) => {
  const lines = new ChatLines(bounds)
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  const add = (chat: string, name: string) =>
    lines.add(chat, () => {
      begun.push(name)
      return new Promise<string>((resolve) => ends.set(name, () => resolve(name)))
    })
  const end = async (name: string) => {
    ends.get(name)?.()
    await settle()
  }
  return { lines, begun, add, end }
}

describe('messages of chats', () => {
  test('are done one after the other in each chat, and at the same time in several', async () => {
    const { add, begun, end } = setUp()
    const done = add('a', 'a1')
    void add('a', 'a2')
    void add('b', 'b1')
    expect(begun).toEqual(['a1', 'b1'])
    await end('a1')
    expect(await done).toBe('a1')
    expect(begun).toEqual(['a1', 'b1', 'a2'])
  })

  test('of chats that have waited come before more of one that has just had its turn', async () => {
    const { add, begun, end } = setUp({ chatWaitingMax: 2, waitingMax: 9, runningMax: 1 })
    for (const [chat, name] of [
      ['a', 'a1'],
      ['a', 'a2'],
      ['b', 'b1'],
      ['c', 'c1'],
    ] as const)
      void add(chat, name)
    for (const name of ['a1', 'b1', 'c1']) await end(name)
    expect(begun).toEqual(['a1', 'b1', 'c1', 'a2'])
  })

  test('are not taken beyond what may wait, of one chat and of all', async () => {
    const { add, lines, begun, end } = setUp()
    for (const name of ['a1', 'a2', 'a3']) expect(add('a', name)).toBeDefined()
    expect(add('a', 'a4')).toBeUndefined()
    for (const chat of ['b', 'c', 'd']) expect(add(chat, chat)).toBeDefined()
    expect(lines.load).toEqual({ running: 2, waiting: 4 })
    expect(add('e', 'e')).toBeUndefined()
    await end('a1')
    expect(add('e', 'e')).toBeDefined()
    expect(begun).not.toContain('a4')
  })

  test('make room when they fail, and the failure is told to whoever waits for them', async () => {
    const lines = new ChatLines({ chatWaitingMax: 1, waitingMax: 1, runningMax: 1 })
    await expect(lines.add('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await lines.add('a', async () => 'next')).toBe('next')
  })
})
