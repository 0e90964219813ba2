import { describe, expect, it } from 'vitest'
import { StorageError } from '../../core/failures.ts'
import { useFolder } from '../../test-support/folder.ts'
import { describeGroupStore, keptGroup, said } from '../../test-support/group-store-contract.ts'
import { openStorage } from './storage.ts'

const use = (path: string) => {
  const { journal, groups } = openStorage(path)
  return { store: groups, [Symbol.dispose]: () => journal.close() }
}

describeGroupStore('in a data folder', () => {
  const folder = useFolder()
  const opened = use(folder.path)
  return {
    store: opened.store,
    [Symbol.dispose]: () => {
      opened[Symbol.dispose]()
      folder[Symbol.dispose]()
    },
  }
})

describe('the groups of a data folder', () => {
  it('are there after a restart, and say so when they cannot be read any more', () => {
    using folder = useFolder()
    const mark = { agentId: 'a', have: 1, acked: 0, confirmed: 0 }
    {
      using opened = use(folder.path)
      opened.store.save(keptGroup('g1'))
      opened.store.add(said('a', 1, 1), mark, 10)
    }
    const opened = use(folder.path)
    expect(opened.store.list()).toEqual([keptGroup('g1')])
    expect(opened.store.messages('g1')).toEqual([said('a', 1, 1)])
    expect(opened.store.marks('g1')).toEqual([mark])
    opened[Symbol.dispose]()
    expect(() => opened.store.list()).toThrow(new StorageError('closed'))
    expect(() => opened.store.add(said('a', 2, 2), mark, 10)).toThrow(StorageError)
  })
})
