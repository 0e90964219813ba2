import { ProtocolError, type RegisterFrame, toMatchKey } from '@ai-comms/shared'
import type { EndedTask } from '../core/task.ts'
import { buildHall, type Guest, type Hall } from './build-hall.ts'

/** What an agent may say about a task. */
type Word = 'accept' | 'progress' | 'answer' | 'answerNothing' | 'fail' | 'reject'

/** One thing that may happen to a hall. Numbers pick among what is there, round and round. */
export type HallAct =
  | { readonly kind: 'open'; readonly register: Partial<RegisterFrame> }
  | { readonly kind: 'close' | 'break' | 'live'; readonly guest: number }
  | { readonly kind: 'submit'; readonly target: { readonly agent: string } | { readonly skill: string } }
  | { readonly kind: 'broadcast' }
  | { readonly kind: Word; readonly guest: number; readonly task: number }
  | { readonly kind: 'cancel'; readonly task: number }
  | { readonly kind: 'pass'; readonly ms: number }

const pick = <Item>(items: readonly Item[], number: number): Item | undefined => items[number % items.length]

/**
 * A hall together with what a bystander knows of it: who must be here, who may
 * come back until when, which tasks are open and how often each was told to
 * have ended. It reckons from events and calls, never from the hall's insides.
 */
export class HallModel {
  readonly hall: Hall = buildHall({ maxAgents: 6 })
  /** Everybody who ever came, by session id. */
  readonly #guests = new Map<string, Guest>()
  /** Who is here, in order of registration. */
  readonly here = new Set<Guest>()
  /** Lost sessions whose instance may return, by name and instance. */
  readonly #awaited = new Map<string, { readonly guest: Guest; readonly until: number }>()
  /** How often the end of each task was told to its watcher. */
  readonly ends = new Map<string, number>()
  readonly #broadcasts: { readonly size: number; told: number }[] = []
  #read = 0

  /** Tasks that were handed out and are not over. */
  readonly inFlight = new Set<string>()

  /** Does it, and notes what came of it. Refusals are answers, anything else is a bug. */
  run(act: HallAct): void {
    const holders = this.#readHolders()
    try {
      this.#run(act)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
    } finally {
      this.#readEvents(holders)
    }
  }

  /** Lost sessions that are still waited for. */
  get awaited(): Guest[] {
    return [...this.#awaited.values()].map(({ guest }) => guest)
  }

  /** Broadcasts that were told to have ended at a wrong time or not just once. */
  get wrongBroadcasts(): number {
    return this.#broadcasts.filter(({ told }) => told > 1 || (told === 0 && this.inFlight.size === 0)).length
  }

  /** Joins announced less leaves announced, by name. */
  readPresence(): Map<string, number> {
    const balance = new Map<string, number>()
    for (const frame of this.hall.presence.announced) {
      if (frame.event === 'hub-shutdown') continue
      const key = toMatchKey(frame.name)
      balance.set(key, (balance.get(key) ?? 0) + (frame.event === 'agent-joined' ? 1 : -1))
    }
    return balance
  }

  #run(act: HallAct): void {
    const { hub, clock } = this.hall
    switch (act.kind) {
      case 'open':
        this.#open(act.register)
        return
      case 'submit':
        this.#submit(act.target)
        return
      case 'broadcast':
        this.#broadcast()
        return
      case 'cancel':
        hub.tasks.cancel(pick([...this.ends.keys()], act.task) ?? '', 'No more.')
        return
      case 'pass':
        clock.advance(act.ms)
        hub.sweep()
        for (const [key, { until }] of this.#awaited) if (until <= clock.now()) this.#awaited.delete(key)
        return
      default:
        this.#runGuest(act)
    }
  }

  #runGuest(act: Extract<HallAct, { readonly guest: number }>): void {
    const { hub } = this.hall
    const guest = pick([...this.here], act.guest)
    if (guest === undefined) return
    const { session, transport } = guest
    if ('task' in act) this.#speak(guest, act.kind, pick([...this.ends.keys()], act.task) ?? 'no-task')
    else if (act.kind === 'close') hub.closeSession(session)
    else if (act.kind === 'break') transport.break()
    else hub.noteFrame(session)
  }

  /** A guest's word about a task is heard exactly when it holds that task. */
  #speak(guest: Guest, word: Word, requestId: string): void {
    const { session } = guest
    const { tasks } = this.hall.hub
    const mayBeHeard = session.held.has(requestId)
    let refusedWith: string | undefined
    try {
      if (word === 'accept') tasks.accept(session, { type: 'task-accepted', requestId })
      else if (word === 'progress') tasks.progress(session, { type: 'task-progress', requestId })
      else if (word === 'answer') tasks.answer(session, { type: 'task-response', requestId, response: 'done' })
      else if (word === 'answerNothing') tasks.answer(session, { type: 'task-response', requestId, response: null })
      else if (word === 'fail') tasks.fail(session, { type: 'task-error', requestId, error: 'broken' })
      else tasks.fail(session, { type: 'task-error', requestId, error: 'no', code: 'rejected' })
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      refusedWith = error.code
    }
    const inFlight = this.inFlight.has(requestId)
    const expected = mayBeHeard
      ? word === 'answerNothing'
        ? 'bad_response'
        : undefined
      : inFlight
        ? 'not_your_task'
        : 'unknown_task'
    if (refusedWith !== expected) throw new Error(`${word} was answered with ${refusedWith}, expected ${expected}`)
  }

  #open(register: Partial<RegisterFrame>): void {
    const guest = this.hall.open(register)
    this.#guests.set(guest.session.id, guest)
    this.here.add(guest)
    this.#awaited.delete(toInstance(guest))
  }

  #submit(target: { readonly agent: string } | { readonly skill: string }): void {
    const ended = ({ id }: EndedTask) => this.ends.set(id, (this.ends.get(id) ?? 0) + 1)
    const request = { ...target, message: 'do it', sender: 'bot', timeoutMs: 60_000 }
    const id = this.hall.hub.tasks.submit(request, { ended })
    this.ends.set(id, this.ends.get(id) ?? 0)
  }

  #broadcast(): void {
    const broadcast = { size: this.here.size, told: 0 }
    this.hall.hub.tasks.broadcast({ message: 'all', sender: 'bot', timeoutMs: 60_000 }, (ends) => {
      broadcast.told += 1
      if (ends.length !== broadcast.size || Object.keys(ends).length !== broadcast.size)
        throw new Error('A result is missing')
    })
    this.#broadcasts.push(broadcast)
  }

  #readHolders(): Map<string, Guest> {
    return new Map([...this.here].flatMap((guest) => [...guest.session.held].map((id) => [id, guest] as const)))
  }

  /** @param holders who held which task before the act */
  #readEvents(holders: ReadonlyMap<string, Guest>): void {
    const { events, clock, hub } = this.hall
    const blamed: string[] = []
    for (; this.#read < events.length; this.#read++) {
      const event = events[this.#read]
      if (event?.type === 'task.dispatched') this.inFlight.add(event.taskId)
      if (event?.type === 'task.ended') {
        this.inFlight.delete(event.taskId)
        if (event.code === 'agent_disconnected') blamed.push(event.taskId)
      }
      if (event?.type !== 'session.closed' && event?.type !== 'session.replaced') continue
      const guest = this.#guests.get(event.sessionId)
      if (guest === undefined) continue
      this.here.delete(guest)
      const { level, instanceId } = guest.session
      if (event.type === 'session.replaced' || level === 1 || instanceId === undefined || hub.isDraining) continue
      this.#awaited.set(toInstance(guest), { guest, until: clock.now() + 15_000 })
    }
    for (const taskId of blamed) {
      const holder = holders.get(taskId)
      if (holder !== undefined && this.here.has(holder)) throw new Error(`${taskId} ended for a death of somebody else`)
    }
  }
}

const toInstance = ({ session }: Guest): string => `${session.nameKey}/${session.instanceId ?? session.id}`
