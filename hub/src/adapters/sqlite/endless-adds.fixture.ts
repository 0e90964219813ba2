// Adds tasks until it is killed, and says which ones were promised
import { newTask } from '../../test-support/stored-tasks.ts'
import { SqliteTaskStore } from './task-store.ts'

const store = new SqliteTaskStore({ folder: process.argv[2] ?? '' })
await store.open()

const addForever = async () => {
  for (;;) {
    const task = newTask()
    await store.add(task)
    process.stdout.write(`${task.id}\n`)
  }
}

await Promise.all(Array.from({ length: 8 }, addForever))
