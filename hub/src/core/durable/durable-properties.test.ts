import { isTerminal, LIMITS, ProtocolError, type TaskState } from '@ai-comms/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Guest } from '../../test-support/build-hall.ts'
import { type DurableHall, openDurableHall } from '../../test-support/durable-hall.ts'

type Word = 'accept' | 'progress' | 'answer' | 'fail' | 'reject' | 'handBack'

type Act =
  | { readonly kind: 'submit'; readonly agent: boolean; readonly ttlMs: number; readonly timeoutMs: number | undefined }
  | { readonly kind: 'open'; readonly instance: number; readonly level: 1 | 2; readonly places: number }
  | { readonly kind: 'lose'; readonly guest: number }
  | { readonly kind: 'say'; readonly word: Word; readonly guest: number; readonly task: number }
  | { readonly kind: 'cancel'; readonly task: number }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'trouble' | 'restart' }

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    kind: fc.constant('submit' as const),
    agent: fc.boolean(),
    ttlMs: fc.integer({ min: 1_000, max: 400_000 }),
    timeoutMs: fc.option(fc.integer({ min: 1_000, max: 400_000 }), { nil: undefined }),
  }),
  fc.record({
    kind: fc.constant('open' as const),
    instance: fc.nat(2),
    level: fc.constantFrom<1 | 2>(1, 2, 2),
    places: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ kind: fc.constant('lose' as const), guest: fc.nat(5) }),
  fc.record({
    kind: fc.constant('say' as const),
    word: fc.constantFrom<Word>('accept', 'progress', 'answer', 'fail', 'reject', 'handBack'),
    guest: fc.nat(5),
    task: fc.nat(20),
  }),
  fc.record({ kind: fc.constant('cancel' as const), task: fc.nat(20) }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 40_000 }) }),
  fc.record({ kind: fc.constantFrom('trouble' as const, 'restart' as const) }),
)

const pick = <Item>(items: readonly Item[], number: number): Item | undefined => items[number % items.length]

/** What a bystander knows: which states a task may be in, and who may speak for it. */
class Bystander {
  room: DurableHall
  readonly guests: Guest[] = []
  readonly tasks: string[] = []
  /** The last state that was seen of each task. */
  readonly seen = new Map<string, { readonly state: TaskState; readonly attempts: number; readonly text: string }>()
  /** Attempts that were handed out, by task. */
  readonly delivered = new Map<string, number[]>()
  readonly #read = new Map<Guest, number>()

  constructor(room: DurableHall) {
    this.room = room
  }

  async run(one: Act): Promise<void> {
    try {
      await this.#run(one)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
    }
    await this.room.settle()
    await this.look()
  }

  /** Compares what is shown with what was shown before. */
  async look(): Promise<void> {
    this.#readDeliveries()
    for (const id of this.tasks) {
      const task = await this.room.find({ id })
      const before = this.seen.get(id)
      const text = JSON.stringify(task)
      expect(task.attempts).toBeLessThanOrEqual(LIMITS.ATTEMPTS_MAX)
      expect(task.attempts).toBe(Math.max(0, ...(this.delivered.get(id) ?? [])))
      if (before !== undefined && isTerminal(before.state)) expect(text).toBe(before.text)
      if (before !== undefined) expect(task.attempts).toBeGreaterThanOrEqual(before.attempts)
      if (task.state === 'completed') expect(task.response).toBe(`done ${id}`)
      this.seen.set(id, { state: task.state, attempts: task.attempts, text })
    }
    const held = this.guests.flatMap(({ session }) => [...session.held])
    expect(new Set(held).size).toBe(held.length)
    for (const { session } of this.guests) expect(session.held.size).toBeLessThanOrEqual(LIMITS.IN_FLIGHT_MAX)
  }

  async #run(one: Act): Promise<void> {
    switch (one.kind) {
      case 'submit': {
        const target = one.agent ? {} : { skill: 'sums' }
        const timeout = one.timeoutMs === undefined ? {} : { timeoutMs: one.timeoutMs }
        const task = await this.room.submit({ ...target, ttlMs: one.ttlMs, ...timeout })
        this.tasks.push(task.id)
        return
      }
      case 'open':
        this.#open(one)
        return
      case 'lose': {
        const guest = pick(this.guests, one.guest)
        if (guest === undefined) return
        this.#forget(guest)
        this.room.lose(guest)
        return
      }
      case 'say': {
        const guest = pick(this.guests, one.guest)
        const id = pick(this.tasks, one.task)
        if (guest !== undefined && id !== undefined) this.#say(guest, one.word, id)
        return
      }
      case 'cancel': {
        const id = pick(this.tasks, one.task)
        if (id !== undefined) await this.room.desk.cancel(id)
        return
      }
      case 'pass':
        for (const { session } of this.guests) this.room.hall.hub.noteFrame(session)
        await this.room.pass(one.ms, 5_000)
        return
      case 'trouble':
        this.room.store.trouble = this.room.store.trouble === undefined ? 'full' : undefined
        // Until what waited is written
        if (this.room.store.trouble === undefined) await this.room.pass(2_000)
        return
      case 'restart':
        await this.#restart()
        return
      default:
        one satisfies never
    }
  }

  #open({ instance, level, places }: Extract<Act, { kind: 'open' }>): void {
    const older = this.guests.find(({ session }) => session.instanceId === `i${instance}`)
    if (older !== undefined) this.#forget(older)
    const register = { protocol: level, instanceId: `i${instance}`, maxConcurrency: places, skills: ['sums'] }
    this.guests.push(this.room.open(register))
  }

  /** Only whoever holds a task, or had it last while nobody does, is heard. */
  #say(guest: Guest, word: Word, id: string): void {
    const { agents } = this.room.desk
    const { session } = guest
    const before = this.seen.get(id)
    const holder = this.guests.find((other) => other.session.held.has(id))
    const isHeard =
      before !== undefined &&
      !isTerminal(before.state) &&
      (holder === guest || (holder === undefined && before.attempts > 0))
    const requestId = id
    const speak = () => {
      if (!agents.has(id)) throw new ProtocolError('unknown_task', 'Over.')
      if (word === 'accept') agents.accept(session, { type: 'task-accepted', requestId })
      else if (word === 'progress') agents.progress(session, { type: 'task-progress', requestId })
      else if (word === 'answer') agents.answer(session, { type: 'task-response', requestId, response: `done ${id}` })
      else if (word === 'fail') agents.fail(session, { type: 'task-error', requestId, error: 'broken' })
      else if (word === 'reject') agents.fail(session, { type: 'task-error', requestId, error: 'no', code: 'rejected' })
      else agents.fail(session, { type: 'task-error', requestId, error: 'later', retryable: true })
    }
    let wasHeard = true
    try {
      speak()
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      wasHeard = false
    }
    // An end that is not on disk yet is not shown, and refuses every further word
    if (wasHeard) expect(isHeard).toBe(true)
    else if (isHeard) expect(this.room.store.trouble).toBe('full')
  }

  /**
   * The process dies without a word and starts anew on the same disk, once
   * that has caught up: a count of deliveries that was not written is lost.
   */
  async #restart(): Promise<void> {
    if (this.room.store.trouble !== undefined) return
    await this.room.pass(2_000)
    this.#readDeliveries()
    this.guests.length = 0
    const { clock } = this.room.hall
    this.room = await openDurableHall({ maxAgents: 100 }, this.room.store, clock.now())
  }

  #forget(guest: Guest): void {
    this.#readDeliveries()
    this.guests.splice(this.guests.indexOf(guest), 1)
  }

  #readDeliveries(): void {
    for (const guest of this.guests) {
      const tasks = guest.transport.sentOf('task')
      for (const task of tasks.slice(this.#read.get(guest) ?? 0)) this.#note(task.requestId, task.attempt)
      this.#read.set(guest, tasks.length)
    }
  }

  #note(id: string, attempt: number | undefined): void {
    const attempts = this.delivered.get(id) ?? []
    // Level 1 is not told the attempt; it never gets the same one twice
    this.delivered.set(id, [...attempts, attempt ?? Math.max(0, ...attempts) + 1])
  }
}

describe('whatever happens to durable tasks', () => {
  test('terminal is final, attempts count deliveries and stop at five, only who has a task is heard, and every task ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 40, size: 'max' }), async (acts) => {
        const bystander = new Bystander(await openDurableHall({ maxAgents: 100 }))
        for (const one of acts) await bystander.run(one)
        bystander.room.store.trouble = undefined
        for (let hours = 0; hours < 3; hours++) await bystander.room.pass(3_600_000, 900_000)
        await bystander.look()
        for (const { state } of bystander.seen.values()) expect(isTerminal(state)).toBe(true)
        expect(bystander.room.desk.count).toBe(0)
      }),
      { numRuns: 400 },
    )
  }, 60_000)
})
