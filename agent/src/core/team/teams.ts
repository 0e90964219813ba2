import { hasAtMostChars } from '@ai-comms/shared'
import type { Chat } from '../message.ts'
import { Conductor } from './conduct.ts'
import { hasTeamCommand, STEP_CHARS_MAX } from './plan.ts'
import { RunBook } from './run-book.ts'
import type { TeamParts } from './team-parts.ts'
import type { TeamOrder, TeamRun } from './team-run.ts'
import { TEAM_BOUNDS } from './team-store.ts'

interface LiveRun {
  readonly book: RunBook
  readonly stop: AbortController
  readonly ended: Promise<void>
}

const USAGE = 'Write what the team is to do: !team <task>. With !team stop you stop it.'
const TOO_LONG = `A team's task has at most ${STEP_CHARS_MAX} characters.`
const NESTED = 'A team cannot start a team: write the task without !team in it.'
const BUSY = 'A team is at work in this chat already; stop it with !team stop, or wait for its report.'
const FULL = 'Too many teams are at work; try again when one has ended.'
const NO_DISK = 'The agent cannot write to its disk at the moment, so no team was started.'
const NOBODY_AT_WORK = 'No team is at work in this chat.'
const BROKEN = 'The team could not go on because of a fault in this agent; its owner finds the reason in the log.'

const findRefusal = (text: string): string | undefined => {
  if (text === '') return USAGE
  if (!hasAtMostChars(text, STEP_CHARS_MAX)) return TOO_LONG
  return hasTeamCommand(text) ? NESTED : undefined
}

/**
 * `!team`: a task is divided among the agents of the hub, worked on at the same time, and reported in one answer. One team
 * a chat. Everything is written down as it goes: a restart repeats nothing that was handed out.
 */
export class Teams {
  readonly #parts: TeamParts
  readonly #live = new Map<string, LiveRun>()
  readonly #close = new AbortController()

  constructor(parts: TeamParts) {
    this.#parts = parts
  }

  /** The chats in which a team is at work. */
  get chats(): Chat[] {
    return [...this.#live.values()].map(({ book }) => book.run.chat)
  }

  /** Takes an order, or says why not. Resolves when its report is said, and never fails. */
  async start({ chat, person, text }: TeamOrder): Promise<void> {
    const { newId, clock, store, observe } = this.#parts
    const task = text.trim().toWellFormed()
    const id = newId()
    const refusal = findRefusal(task) ?? this.#findHindrance(chat)
    if (refusal !== undefined) return this.#say(chat, refusal, id)
    const run: TeamRun = {
      id,
      chat,
      person,
      text: task,
      startedAt: clock.now(),
      notes: [],
      isStopped: false,
      steps: new Map(),
    }
    const book = new RunBook(run, store, observe)
    if (!book.begin()) return this.#say(chat, NO_DISK, id)
    observe({ type: 'team.started', runId: id })
    return this.#conduct(book)
  }

  /**
   * Stops the team of a chat: what runs is canceled, what is done is reported. Resolves when that is said.
   * @returns whether there was one
   */
  async stop(chat: Chat): Promise<boolean> {
    const live = this.#live.get(chat.id)
    if (!live) {
      await this.#say(chat, NOBODY_AT_WORK, this.#parts.newId())
      return false
    }
    live.book.keepStop()
    live.stop.abort()
    await live.ended
    return true
  }

  /**
   * Goes on with what was under way when the process ended. Resolves when all of it is over.
   * @throws {StorageError} when it cannot be read what that was
   */
  async resume(): Promise<void> {
    const { store, observe } = this.#parts
    const runs = store.list().filter(({ chat }) => !this.#live.has(chat.id))
    await Promise.all(
      runs.map((run) => {
        const stepsDone = [...run.steps.values()].filter(({ state }) => state === 'done').length
        observe({ type: 'team.resumed', runId: run.id, stepsDone })
        return this.#conduct(new RunBook(run, store, observe))
      }),
    )
  }

  /** Lets go of everything without canceling anything: the next process goes on. */
  async close(): Promise<void> {
    this.#close.abort()
    await Promise.all([...this.#live.values()].map(({ ended }) => ended))
  }

  #findHindrance(chat: Chat): string | undefined {
    if (this.#live.has(chat.id)) return BUSY
    return this.#live.size >= TEAM_BOUNDS.runsMax ? FULL : undefined
  }

  #conduct(book: RunBook): Promise<void> {
    const stop = new AbortController()
    if (book.run.isStopped) stop.abort()
    const { chat } = book.run
    const ended = this.#work(book, stop.signal)
    this.#live.set(chat.id, { book, stop, ended })
    return ended
  }

  async #work(book: RunBook, stop: AbortSignal): Promise<void> {
    const { observe } = this.#parts
    const { id, chat } = book.run
    try {
      const conductor = new Conductor({ ...this.#parts, book, stop, close: this.#close.signal })
      if (!(await conductor.run())) return
    } catch (error) {
      observe({ type: 'team.broken', runId: id, err: error })
      await this.#say(chat, BROKEN, id)
    } finally {
      this.#live.delete(chat.id)
    }
    book.end()
    const states = [...book.run.steps.values()]
    const done = states.filter(({ state }) => state === 'done').length
    observe({ type: 'team.ended', runId: id, done, undone: states.length - done })
  }

  async #say(chat: Chat, text: string, id: string): Promise<void> {
    const { say, observe } = this.#parts
    try {
      await say(chat, text, `team-${id}-note`)
    } catch (error) {
      observe({ type: 'team.broken', runId: id, err: error })
    }
  }
}
