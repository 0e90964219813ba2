import { describeTaskStore } from '../../test-support/task-store-contract.ts'
import { MemoryTaskStore } from './task-store.ts'

describeTaskStore('a store in memory', async () => {
  const store = new MemoryTaskStore()
  return { store, [Symbol.asyncDispose]: () => store.close() }
})
