import { REPLAY_MEMORY_MS, REPLAY_STATE_EMPTY } from '@ai-comms/shared'
import { describe, expect, it } from 'vitest'
import { MemoryReplayStore } from '../../core/envelopes/memory-replay-store.ts'
import { StorageError } from '../../core/failures.ts'
import { useFolder } from '../../test-support/folder.ts'
import { openStorage } from './storage.ts'

const entry = (nonce: string, receivedAt: number) => ({ kid: 'k1', from: 'nova_001', nonce, receivedAt })

const inFolder = () => {
  const folder = useFolder()
  const { journal, replay } = openStorage(folder.path)
  return {
    store: replay,
    [Symbol.dispose]: () => {
      journal.close()
      folder[Symbol.dispose]()
    },
  }
}

describe.each([
  ['in memory', () => ({ store: new MemoryReplayStore(), [Symbol.dispose]: () => {} })],
  ['in a data folder', inFolder],
])('what is known of envelopes, %s', (_kind, open) => {
  it('is what came, each once, as long as it could come again', () => {
    using opened = open()
    expect(opened.store.read(0)).toEqual(REPLAY_STATE_EMPTY)
    opened.store.add(entry('n1', 1_000))
    opened.store.add(entry('n2', 2_000))
    expect(opened.store.read(2_000).entries).toEqual([entry('n1', 1_000), entry('n2', 2_000)])
    expect(opened.store.read(1_000 + REPLAY_MEMORY_MS).entries).toHaveLength(2)
    expect(opened.store.read(1_001 + REPLAY_MEMORY_MS).entries).toEqual([entry('n2', 2_000)])
    opened.store.add(entry('n3', 1_001 + REPLAY_MEMORY_MS))
    expect(opened.store.read(0).entries.map(({ nonce }) => nonce)).toEqual(['n2', 'n3'])
  })
})

describe('what a data folder knows of envelopes', () => {
  it('is there after a restart', () => {
    using folder = useFolder()
    const first = openStorage(folder.path)
    first.replay.add(entry('n1', 1_000))
    first.journal.close()
    expect(() => first.replay.add(entry('n2', 1_000))).toThrow(new StorageError('closed'))
    const second = openStorage(folder.path)
    expect(second.replay.read(1_000)).toEqual({ refuseBefore: 0, entries: [entry('n1', 1_000)] })
    second.journal.close()
  })
})
