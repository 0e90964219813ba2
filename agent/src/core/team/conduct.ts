import { HubCallError } from '../hub-calls.ts'
import type { Ask } from './ask.ts'
import { type Member, toMembers } from './members.ts'
import { abortAfter, whenAborted } from './pause.ts'
import type { Plan } from './plan.ts'
import { proposePlan } from './propose.ts'
import { combineResults } from './report.ts'
import { routeByWords, sendStraight } from './route.ts'
import { runPlan } from './run.ts'
import type { RunBook } from './run-book.ts'
import { TEAM_TIMES, type TeamParts } from './team-parts.ts'
import type { TeamRun } from './team-run.ts'
import { showPlan, showProgress, showResults, type Unplanned } from './texts.ts'

/** What the work on one order needs. */
export interface ConductParts extends TeamParts {
  readonly book: RunBook
  readonly stop: AbortSignal
  readonly close: AbortSignal
}

interface Proposal {
  readonly plan: Plan
  readonly notes: readonly string[]
  readonly unplanned?: Unplanned
}

const NOBODY = 'No other agent is online, so there is no team to ask.'
const NO_DISK = 'The agent cannot write to its disk at the moment, so no team was started.'
const UNCOMBINED = 'No model could put the results together; these are the agents’ own words.'

/** One order from its plan to its report. */
export class Conductor {
  readonly #parts: ConductParts
  #shown = ''

  constructor(parts: ConductParts) {
    this.#parts = parts
  }

  /** Works until the report is said. @returns false when the process closes before; the next one goes on from there */
  async run(): Promise<boolean> {
    const { book, close } = this.#parts
    const plan = await this.#plan()
    if (close.aborted) return false
    if (typeof plan === 'string') {
      await this.#say('report', plan)
      return true
    }
    if (!(await runPlan({ ...this.#parts, plan, onMove: () => this.#showProgress(plan) }))) return false
    const report = await this.#report({ ...book.run, plan })
    if (close.aborted) return false
    await this.#say('report', report)
    return true
  }

  /** The plan, shown unless it was before; or in a sentence why there is none. */
  async #plan(): Promise<Plan | string> {
    const { book, hub, self, observe, stop, close } = this.#parts
    const { plan: known, notes: read, steps, id } = book.run
    if (known) {
      // the process may have ended before it was said
      if (steps.size === 0) await this.#say('plan', showPlan(known, read))
      return known
    }
    let members: readonly Member[]
    try {
      members = toMembers(await hub.listAgents(), self)
    } catch (error) {
      if (!(error instanceof HubCallError)) throw error
      return `There is no team to ask: ${error.message}`
    }
    const proposal = stop.aborted ? undefined : await this.#propose(members)
    // also when it was stopped while the model thought
    if (stop.aborted) return showResults(book.run)
    if (proposal === undefined) return NOBODY
    const { plan, notes, unplanned } = proposal
    // nobody is told: the next process asks anew
    if (close.aborted) return NOBODY
    if (!book.keepPlan(plan, notes)) return NO_DISK
    observe({ type: 'team.planned', runId: id, origin: plan.origin, steps: plan.steps.length })
    await this.#say('plan', showPlan(plan, notes, unplanned))
    return plan
  }

  async #propose(members: readonly Member[]): Promise<Proposal | undefined> {
    const { book, frame, hasModel } = this.#parts
    const { text, person, id } = book.run
    const [only, another] = members
    if (only === undefined) return undefined
    if (another === undefined) return { plan: sendStraight(text, only), notes: [] }
    const routed = { plan: routeByWords(text, members), notes: [] }
    if (!hasModel()) return { ...routed, unplanned: 'no-model' }
    const { askMs } = this.#times
    const { stop } = this.#parts
    try {
      const parts = { ask: this.#ask, frame, members, person, text, signal: stop, timeoutMs: askMs }
      const reading = await proposePlan(parts)
      return reading.ok ? reading : { ...routed, unplanned: 'bad-plan' }
    } catch (error) {
      this.#parts.observe({ type: 'team.unasked', runId: id, for: 'plan', err: error })
      return { ...routed, unplanned: 'no-model' }
    }
  }

  async #report(run: TeamRun & { readonly plan: Plan }): Promise<string> {
    const { frame, stop, hasModel, observe } = this.#parts
    const { plan, steps } = run
    const isDone = plan.steps.some(({ id }) => steps.get(id)?.state === 'done')
    const needsModel = plan.origin === 'model' && plan.steps.length > 1 && isDone && !run.isStopped
    if (!needsModel) return showResults(run)
    if (!hasModel()) return `${UNCOMBINED}\n\n${showResults(run)}`
    try {
      return await combineResults({ ask: this.#ask, frame, run, signal: stop, timeoutMs: this.#times.askMs })
    } catch (error) {
      observe({ type: 'team.unasked', runId: run.id, for: 'report', err: error })
      return `${UNCOMBINED}\n\n${showResults(this.#parts.book.run)}`
    }
  }

  get #times() {
    return { ...TEAM_TIMES, ...this.#parts.times }
  }

  /** Asks within its time, whatever the model does, and no longer than somebody waits. */
  readonly #ask: Ask = async (prompt, { timeoutMs }) => {
    const { ask, clock, stop, close } = this.#parts
    using limit = abortAfter(clock, timeoutMs, [stop, close])
    using over = whenAborted(limit.signal)
    const answer = await Promise.race([ask(prompt, { signal: limit.signal, timeoutMs }), over.promise])
    if (answer === undefined) throw new Error('The model was not waited for any longer')
    if (answer.trim() === '') throw new Error('The model said nothing')
    return answer
  }

  async #say(what: 'plan' | 'report', text: string): Promise<void> {
    const { say, book } = this.#parts
    await say(book.run.chat, text, `team-${book.run.id}-${what}`)
  }

  #showProgress(plan: Plan): void {
    const { book, progress, observe } = this.#parts
    const text = showProgress(plan, book.run.steps)
    if (text === this.#shown) return
    this.#shown = text
    const show = async () => progress(book.run.chat, text)
    show().catch((error: unknown) => observe({ type: 'team.broken', runId: book.run.id, err: error }))
  }
}
