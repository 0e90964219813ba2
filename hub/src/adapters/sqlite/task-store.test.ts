import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeTaskStore } from '../../test-support/task-store-contract.ts'
import { SqliteTaskStore } from './task-store.ts'

describeTaskStore('a store in a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hub-store-'))
  const store = new SqliteTaskStore({ folder })
  return {
    store,
    [Symbol.asyncDispose]: async () => {
      await store.close()
      await rm(folder, { recursive: true })
    },
  }
})
