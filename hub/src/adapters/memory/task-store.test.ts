import { expect, test } from 'vitest'
import { newTask } from '../../test-support/stored-tasks.ts'
import { describeTaskStore } from '../../test-support/task-store-contract.ts'
import { compareWithModel } from '../../test-support/task-store-model.ts'
import { MemoryTaskStore } from './task-store.ts'

const makeStore = async () => {
  const store = new MemoryTaskStore()
  return { store, reopen: async () => store, [Symbol.asyncDispose]: () => store.close() }
}

describeTaskStore('a store in memory', makeStore)

test('whatever happens, a store in memory holds what its model holds', async () => {
  await compareWithModel(async () => {
    const made = await makeStore()
    await made.store.open()
    return made
  }, 200)
})

test('two stores in memory share nothing', async () => {
  await using one = await makeStore()
  await using other = await makeStore()
  await Promise.all([one.store.open(), other.store.open()])
  await one.store.add(newTask())
  expect(await other.store.size()).toEqual({ tasks: 0, bytes: 0 })
})
