import { expect, test } from 'vitest'
import { RestartableAgent } from '../helpers/agent-process.ts'
import { eventsOf, follow } from '../helpers/event-reader.ts'
import { COMPILED, startHubProcess } from '../helpers/hub-process.ts'
import { type ModelScript, ModelServer } from '../helpers/model-server.ts'

/** A hub, and an agent whose model says what the script says. */
const open = async (script: ModelScript, env: Readonly<Record<string, string>> = {}) => {
  await using rest = new AsyncDisposableStack()
  const hub = rest.use(await startHubProcess({ NODE_COMPILE_CACHE: COMPILED }))
  const model = rest.use(await ModelServer.start(script))
  const own = { NODE_COMPILE_CACHE: COMPILED, ...model.environmentOf('Atlas'), ...env }
  const agent = rest.use(new RestartableAgent(hub, model.url, own))
  await agent.start()
  const moved = rest.move()
  const submit = async (message: string) => {
    const { body } = await hub.call('POST', '/tasks', { body: { agent: 'Atlas', message } })
    return String(body?.['id'])
  }
  /** All that is told of a task, until it is over. */
  const watch = async (id: string) => {
    await using reader = await follow(hub, eventsOf(id))
    return await reader.all()
  }
  return { model, watch, submit, [Symbol.asyncDispose]: () => moved.disposeAsync() }
}

const TEXT = 'Long ago, 日本 and 😀 were far apart.'

test('a model that is a script answers in pieces, when the script lets it, and keeps what it was asked', async () => {
  const held = Promise.withResolvers<string>()
  await using stage = await open(({ question }) => (question.includes('wait') ? held.promise : TEXT))
  const waiting = await stage.submit('wait for me')
  await stage.model.asked(({ question }) => question.includes('wait for me'))
  const events = await stage.watch(await stage.submit('a story'))
  const pieces = events.flatMap(({ event, data }) => (event === 'delta' ? [data['text']] : []))
  expect(pieces.join('')).toBe(TEXT)
  expect(events.at(-1)?.data).toMatchObject({ state: 'completed', response: TEXT })
  held.resolve('At last.')
  expect((await stage.watch(waiting)).at(-1)?.data).toMatchObject({ state: 'completed', response: 'At last.' })
  const asked = stage.model.requestsOf('Atlas').map(({ messages }) => messages.map(({ role }) => role))
  expect(asked).toEqual([
    ['system', 'user'],
    ['system', 'user'],
  ])
})

test('a model that fails as the script says, or does not know a key, is heard as OpenAI would be', async () => {
  const broke = { error: { message: 'You are broke.', type: 'insufficient_quota', code: 'insufficient_quota' } }
  await using poor = await open(() => ({ status: 429, body: broke }))
  const [failed] = (await poor.watch(await poor.submit('hello'))).slice(-1)
  expect(failed?.data).toMatchObject({ state: 'failed', error: expect.stringContaining('openai') })
  await using stranger = await open(() => TEXT, { OPENAI_API_KEY: 'sk-of-somebody-else' })
  const [refused] = (await stranger.watch(await stranger.submit('hello'))).slice(-1)
  expect(refused?.data).toMatchObject({ state: 'failed', error: expect.stringContaining('key') })
  expect(stranger.model.requests).toEqual([])
})
