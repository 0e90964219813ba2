import { describe } from 'vitest'
import type { MakeStore } from './store-under-test.ts'
import { testLife, testLists, testPurges } from './task-store-read-contract.ts'
import { testAdditions, testKeys, testUpdates } from './task-store-write-contract.ts'

/** Holds a store to every sentence of the port. */
export const describeTaskStore = (name: string, makeStore: MakeStore): void => {
  describe(name, () => {
    testAdditions(makeStore)
    testKeys(makeStore)
    testUpdates(makeStore)
    testLists(makeStore)
    testPurges(makeStore)
    testLife(makeStore)
  })
}
