// Opens a store, adds a task, and ends without closing: nothing may hold it
import { newTask } from '../../test-support/stored-tasks.ts'
import { SqliteTaskStore } from './task-store.ts'

const store = new SqliteTaskStore({ folder: process.argv[2] ?? '' })
await store.open()
// The process has nothing else to wait for; the answers must come all the same
await store.add(newTask())
process.stdout.write(JSON.stringify(await store.size()))
