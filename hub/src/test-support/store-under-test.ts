import { StorageError, type StorageTrouble, type TaskStore } from '../core/durable/task-store.ts'

/** A new store that nobody has opened, and how to get rid of it. */
export interface StoreUnderTest extends AsyncDisposable {
  readonly store: TaskStore
}

/** Makes a store, empty and on its own. */
export type MakeStore = () => Promise<StoreUnderTest>

/** Makes a store and opens it. */
export const openStore = async (makeStore: MakeStore) => {
  const made = await makeStore()
  await made.store.open()
  return made
}

/** Waits for the trouble that a promise rejects with; the test fails when it rejects with anything else. */
export const troubleOf = async (promise: Promise<unknown>): Promise<StorageTrouble | undefined> => {
  try {
    await promise
    return undefined
  } catch (error) {
    if (error instanceof StorageError) return error.trouble
    throw error
  }
}
