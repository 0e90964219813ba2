import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fail, reject, release } from '../core/durable/durable-task.ts'
import { type MakeStore, openStore, troubleOf } from './store-under-test.ts'
import { answer, callOff, keyOf, listIds, MADE_AT, newTask, toSkill, workOn } from './stored-tasks.ts'

/** Any string whose characters are whole, U+0000 included. */
const text = fc.string({ unit: 'binary' })

/** What an addition promises. */
export const testAdditions = (makeStore: MakeStore) => {
  test('finds a task that was added, and nothing under another id', async () => {
    await using made = await openStore(makeStore)
    const task = newTask()
    expect(await made.store.add(task)).toEqual({ kind: 'added' })
    expect(await made.store.find(task.id)).toStrictEqual(task)
    expect(await made.store.find('another')).toBeUndefined()
  })

  test('refuses a second task of the same id alone: others of the same moment are added', async () => {
    await using made = await openStore(makeStore)
    const [before, task, after] = [newTask(), newTask(), newTask()]
    await made.store.add(task)
    const again = made.store.add({ ...task, message: 'Plan a party' })
    const added = Promise.all([made.store.add(before), made.store.add(after)])
    expect(await troubleOf(again)).toBe('failed')
    expect(await added).toEqual([{ kind: 'added' }, { kind: 'added' }])
    expect(await made.store.find(task.id)).toStrictEqual(task)
    expect(await listIds(made.store)).toEqual([after.id, before.id, task.id])
  })

  test('gives back every text as it was, whatever its characters', async () => {
    await using made = await openStore(makeStore)
    const { store } = made
    await fc.assert(
      fc.asyncProperty(fc.uuid(), text, text, text, async (id, one, two, three) => {
        const waiting = newTask({ id: `${one}\u0000${id}`, target: toSkill(two), message: one, sender: three })
        const task = { ...waiting, conversationId: two, traceparent: three }
        await store.add(task, keyOf({ credential: one, key: `${id}${two}` }))
        expect(await store.find(task.id)).toStrictEqual(task)
        const done = { ...answer(task), agent: three, response: `\u0000${two}\u0000` }
        await store.update(done)
        expect(await store.find(task.id)).toStrictEqual(done)
        expect(await store.add(newTask(), keyOf({ credential: one, key: `${id}${two}` }))).toStrictEqual({
          kind: 'replayed',
          task: done,
        })
      }),
      { numRuns: 30 },
    )
  })
}

/** What a caller's key promises. */
export const testKeys = (makeStore: MakeStore) => {
  test('replays the task of a key that is repeated, as it is by then', async () => {
    await using made = await openStore(makeStore)
    const task = newTask()
    expect(await made.store.add(task, keyOf())).toEqual({ kind: 'added' })
    await made.store.update(workOn(task))
    expect(await made.store.add(newTask(), keyOf())).toStrictEqual({ kind: 'replayed', task: workOn(task) })
    expect(await listIds(made.store)).toEqual([task.id])
  })

  test('takes one of two requests that come together under one key', async () => {
    await using made = await openStore(makeStore)
    const [task, again] = [newTask(), newTask()]
    const additions = await Promise.all([made.store.add(task, keyOf()), made.store.add(again, keyOf())])
    expect(additions).toStrictEqual([{ kind: 'added' }, { kind: 'replayed', task }])
  })

  test('sees a conflict in another request under the same key, and none between two credentials', async () => {
    await using made = await openStore(makeStore)
    await made.store.add(newTask(), keyOf())
    expect(await made.store.add(newTask(), keyOf({ digest: 'of another body' }))).toEqual({ kind: 'conflict' })
    expect(await made.store.add(newTask(), keyOf({ credential: 'another' }))).toEqual({ kind: 'added' })
    expect(await made.store.size()).toMatchObject({ tasks: 2 })
  })

  test('takes a key that has expired as none, and remembers it for the new task', async () => {
    await using made = await openStore(makeStore)
    await made.store.add(newTask(), keyOf({ expiresAt: MADE_AT + 10 }))
    const inTime = await made.store.add(newTask({ createdAt: MADE_AT + 9 }), keyOf())
    expect(inTime.kind).toBe('replayed')
    const late = newTask({ createdAt: MADE_AT + 10 })
    expect(await made.store.add(late, keyOf({ digest: 'new' }))).toEqual({ kind: 'added' })
    expect(await made.store.add(newTask(), keyOf({ digest: 'new' }))).toStrictEqual({ kind: 'replayed', task: late })
  })

  test('keeps no key of a task that it refused', async () => {
    await using made = await openStore(makeStore)
    const task = newTask()
    await made.store.add(task)
    expect(await troubleOf(made.store.add(task, keyOf()))).toBe('failed')
    expect(await made.store.add(newTask(), keyOf())).toEqual({ kind: 'added' })
  })
}

/** What an update promises. */
export const testUpdates = (makeStore: MakeStore) => {
  test('keeps each state as it is', async () => {
    await using made = await openStore(makeStore)
    const { store } = made
    const task = newTask({ target: toSkill('planning'), timeoutAt: MADE_AT + 0.5, conversationId: 'c', hops: 3 })
    await store.add(task)
    const working = workOn(task)
    const states = [
      working,
      { ...working, instanceKey: undefined },
      release(working, MADE_AT + 5),
      answer(task),
      callOff(task),
      reject(working, 'I will not', MADE_AT + 7),
      fail(task, 'expired', 'Nobody came', MADE_AT + 9),
    ]
    for (const state of states) {
      await store.update(state)
      expect(await store.find(task.id)).toStrictEqual(state)
    }
  })

  test('refuses to replace a task that it does not have', async () => {
    await using made = await openStore(makeStore)
    expect(await troubleOf(made.store.update(workOn(newTask())))).toBe('failed')
    expect(await made.store.size()).toMatchObject({ tasks: 0 })
  })

  test('writes in the order in which it is asked', async () => {
    await using made = await openStore(makeStore)
    const { store } = made
    const task = newTask()
    const working = workOn(task)
    const asked = [
      store.add(task, keyOf()),
      store.update(working),
      store.update(release(working, MADE_AT + 5)),
      store.update(answer(task)),
    ]
    expect(await store.add(newTask(), keyOf())).toStrictEqual({ kind: 'replayed', task: answer(task) })
    await Promise.all(asked)
    expect(await store.find(task.id)).toStrictEqual(answer(task))
  })
}
