import { expect, test } from 'vitest'
import { connect } from '../helpers/peer.ts'
import { startHub } from '../helpers/start-hub.ts'

test('a task goes to the agent of that name, and its answer comes back', async () => {
  await using hub = await startHub()
  await using builder = await connect(hub, { name: 'Builder' })
  const answer = hub.post('/task', { agent: 'builder', message: 'make it' })
  const task = await builder.nextTask()
  expect(task).toEqual({ type: 'task', requestId: expect.any(String), message: 'make it', sender: 'bot' })
  builder.reply(task, 'made')
  expect(await answer).toMatchObject({
    status: 200,
    body: { success: true, agent: 'Builder', response: 'made', taskId: task.requestId },
  })
})
