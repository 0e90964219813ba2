import { isTerminal, TASK_STATES, type TaskState } from '@ai-comms/shared'
import fc from 'fast-check'
import { expect } from 'vitest'
import type { DurableTask, WaitingDurableTask } from '../core/durable/durable-task.ts'
import { complete, deliver, fail, release } from '../core/durable/durable-task.ts'
import type { Addition, IdempotencyKey, TaskStore } from '../core/durable/task-store.ts'
import { keyOf, listAllIds, listIds, MADE_AT, newTask, readOpenIds, toAgent, toSkill } from './stored-tasks.ts'

/** One thing that may happen to a store. Numbers pick among what is there, round and round. */
type Act =
  | { readonly kind: 'add'; readonly agent: string; readonly isSkill: boolean; readonly key: KeyPick | undefined }
  | { readonly kind: 'advance'; readonly task: number; readonly choice: number; readonly agent: string }
  | { readonly kind: 'purge'; readonly agoMs: number; readonly limit: number }
  | {
      readonly kind: 'list'
      readonly state: TaskState | undefined
      readonly agent: string | undefined
      readonly limit: number
    }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'wait' }
  | { readonly kind: 'reopen' }

interface KeyPick {
  readonly key: string
  readonly digest: string
  readonly ttlMs: number
}

const agent = fc.constantFrom('Atlas', 'ATLAS', 'Nova', 'Ｎｏｖａ')
const anAct: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      agent,
      isSkill: fc.boolean(),
      key: fc.option(
        fc.record({
          key: fc.constantFrom('a', 'b', 'c'),
          digest: fc.constantFrom('x', 'y'),
          ttlMs: fc.constantFrom(5, 50),
        }),
        { nil: undefined },
      ),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('advance' as const), task: fc.nat(99), choice: fc.nat(3), agent }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('purge' as const),
      agoMs: fc.nat(30),
      limit: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('list' as const),
      state: fc.option(fc.constantFrom(...TASK_STATES), { nil: undefined }),
      agent: fc.option(fc.constantFrom('atlas', 'nova', 'nobody'), { nil: undefined }),
      limit: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'wait' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
)

/** What a store of tasks comes to, in a few lines: it is compared with the real one. */
class StoreModel {
  #now = MADE_AT
  #store: TaskStore
  readonly #reopen: () => Promise<TaskStore>
  /** In the order of submission. */
  #tasks: { readonly task: DurableTask; readonly key: string | undefined }[] = []
  readonly #keys = new Map<string, IdempotencyKey & { readonly taskId: string }>()
  /** Every state of each task, oldest first. */
  readonly #histories = new Map<string, DurableTask[]>()
  /** What was asked and not yet waited for. */
  #asked: Promise<unknown>[] = []

  constructor(store: TaskStore, reopen: () => Promise<TaskStore>) {
    this.#store = store
    this.#reopen = reopen
  }

  async run(act: Act): Promise<void> {
    switch (act.kind) {
      case 'add':
        return this.#add(act)
      case 'advance':
        return this.#advance(act)
      case 'purge':
        return this.#purge(act)
      case 'list':
        return this.#list(act)
      case 'pass':
        this.#now += act.ms
        return
      case 'wait':
        return this.#wait()
      case 'reopen':
        await this.#wait()
        this.#store = await this.#reopen()
        return
      default:
        return act satisfies never
    }
  }

  /** Holds the store to all that the model knows. */
  async compare(): Promise<void> {
    await this.#wait()
    const tasks = this.#tasks.map(({ task }) => task)
    const found = await Promise.all(tasks.map(({ id }) => this.#store.find(id)))
    expect(found).toStrictEqual(tasks)
    expect(await listAllIds(this.#store, { limit: 3 })).toEqual(tasks.map(({ id }) => id).reverse())
    const open = tasks.filter(({ state }) => !isTerminal(state))
    expect(await readOpenIds(this.#store)).toEqual(open.map(({ id }) => id))
    expect(await this.#store.size()).toMatchObject({ tasks: tasks.length })
  }

  async #wait(): Promise<void> {
    await Promise.all(this.#asked)
    this.#asked = []
  }

  #add(act: Extract<Act, { kind: 'add' }>): void {
    const target = act.isSkill ? toSkill(act.agent) : toAgent(act.agent)
    const task = newTask({ target, createdAt: this.#now })
    const key = act.key && keyOf({ ...act.key, expiresAt: this.#now + act.key.ttlMs })
    const check = this.#foresee(task, key)
    this.#asked.push(this.#store.add(task, key).then(check))
  }

  /** Adds the task to the model. @returns what holds the store's answer to the model's */
  #foresee(task: WaitingDurableTask, key: IdempotencyKey | undefined): (addition: Addition) => void {
    const known = key && this.#keys.get(key.key)
    if (known !== undefined && known.expiresAt > this.#now) {
      if (known.digest !== key?.digest) return (addition) => expect(addition).toEqual({ kind: 'conflict' })
      const history = this.#historyOf(known.taskId)
      const since = history.length - 1
      // An update that was asked for meanwhile may show: only the last of several need be written
      return (addition) => expect(history.slice(since)).toContainEqual('task' in addition ? addition.task : addition)
    }
    this.#tasks.push({ task, key: key?.key })
    this.#historyOf(task.id).push(task)
    if (key !== undefined) this.#keys.set(key.key, { ...key, taskId: task.id })
    return (addition) => expect(addition).toEqual({ kind: 'added' })
  }

  #historyOf(taskId: string): DurableTask[] {
    const history = this.#histories.get(taskId) ?? []
    this.#histories.set(taskId, history)
    return history
  }

  #advance({ task: number, choice, agent }: Extract<Act, { kind: 'advance' }>): void {
    const open = this.#tasks.filter(({ task }) => !isTerminal(task.state))
    const row = open[number % open.length]
    if (row === undefined) return
    const next = this.#toNext(row.task, choice, agent)
    this.#tasks = this.#tasks.map((other) => (other === row ? { ...row, task: next } : other))
    this.#historyOf(next.id).push(next)
    this.#asked.push(this.#store.update(next))
  }

  #toNext(task: DurableTask, choice: number, agent: string): DurableTask {
    if (task.state === 'submitted' && choice > 0) return deliver(task, { agent, instanceKey: agent }, this.#now)
    if (task.state === 'working' && choice === 1) return release(task, this.#now)
    if (task.state === 'working' && choice > 1) return complete(task, `by ${agent}`, this.#now)
    if (task.state === 'submitted' || task.state === 'working') return fail(task, 'expired', 'Too late', this.#now)
    return task
  }

  async #purge({ agoMs, limit }: Extract<Act, { kind: 'purge' }>): Promise<void> {
    await this.#wait()
    const endedBefore = this.#now - agoMs
    const mayGo = new Set(
      this.#tasks.flatMap(({ task, key }) => {
        const promise = key === undefined ? undefined : this.#keys.get(key)
        const isPromised = promise?.taskId === task.id && promise.expiresAt > this.#now
        return isTerminal(task.state) && task.updatedAt <= endedBefore && !isPromised ? [task.id] : []
      }),
    )
    const count = Math.min(limit, mayGo.size)
    expect(await this.#store.purge(endedBefore, this.#now, limit)).toBe(count)
    // Which ones of several is the store's to choose
    const left = new Set(await listAllIds(this.#store, { limit: 50 }))
    const gone = this.#tasks.filter(({ task }) => !left.has(task.id))
    expect(gone).toHaveLength(count)
    for (const { task } of gone) expect(mayGo).toContain(task.id)
    this.#tasks = this.#tasks.filter(({ task }) => left.has(task.id))
  }

  async #list({ state, agent, limit }: Extract<Act, { kind: 'list' }>): Promise<void> {
    await this.#wait()
    const toKey = (task: DurableTask) =>
      (task.agent ?? (task.target.kind === 'agent' ? task.target.name : '')).normalize('NFKC').toLowerCase()
    const expected = this.#tasks
      .map(({ task }) => task)
      .filter((task) => (state === undefined || task.state === state) && (agent === undefined || toKey(task) === agent))
      .map(({ id }) => id)
      .reverse()
    const query = { state, agentKey: agent, limit }
    expect(await listIds(this.#store, query)).toEqual(expected.slice(0, limit))
    expect(await listAllIds(this.#store, query)).toEqual(expected)
  }
}

/** A store that is open, and how it is closed and opened again; a store in memory stays as it is. */
export interface ModeledStore extends AsyncDisposable {
  readonly store: TaskStore
  reopen(): Promise<TaskStore>
}

/** Lets random things happen to stores and to the model, and compares them. */
export const compareWithModel = (makeStore: () => Promise<ModeledStore>, numRuns: number): Promise<void> =>
  fc.assert(
    fc.asyncProperty(fc.array(anAct, { minLength: 10, maxLength: 80, size: 'max' }), async (acts) => {
      await using made = await makeStore()
      const model = new StoreModel(made.store, () => made.reopen())
      for (const act of acts) await model.run(act)
      await model.compare()
    }),
    // To make a case smaller takes long where each run opens a database; the acts of one run say enough
    { numRuns, endOnFailure: true },
  )
