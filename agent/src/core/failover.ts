import { pause } from './alarms.ts'
import { AnswerStream } from './answer-stream.ts'
import { isUnfair, type Outcome, runAttempt } from './attempt.ts'
import { TokenBudget } from './budget.ts'
import { ATTEMPTS_MAX, decideStep, type Reason, toChainEnd, toTaskError, toTurnEnd } from './chain-policy.ts'
import type { AttemptFacts, Observe } from './events.ts'
import { ProviderError, type TaskError } from './failures.ts'
import type {
  AskChain,
  ChainAnswer,
  Clock,
  Completion,
  Performer,
  Prompt,
  Provider,
  TaskInput,
  TaskTools,
} from './ports.ts'
import { toPrompt } from './prompt.ts'
import { type Admission, Roster, type Seat } from './roster.ts'
import { rewriteTurns, trimTurns } from './turns.ts'
import { findCost, type Prices } from './usage.ts'

/** What the chain of providers needs. */
export interface FailoverParts {
  readonly providers: readonly Provider[]
  /** Instructions for the model, where a task has none of its own. */
  readonly system: string
  readonly clock: Clock
  readonly observe: Observe
  /** In [0, 1), as `Math.random` gives; half where it is absent. */
  readonly random?: () => number
  /** Where it is known who rests; its own unless set. */
  readonly roster?: Roster
  /** What may be spent; without end unless set. */
  readonly budget?: TokenBudget
  readonly prices?: Prices
}

type Parts = FailoverParts & Required<Pick<FailoverParts, 'random' | 'roster' | 'budget' | 'prices'>>

/** With a call there are no words. An answer that ended at the token limit says so: a silent cut would pass for the whole. */
const toAnswer = ({ text, call, cutShort }: Completion, { name }: Provider): ChainAnswer => {
  if (call) return { text: '', call }
  return { text: cutShort ? `${text}\n\n[Cut off here: ${name} reached its configured length limit.]` : text }
}

/** One task on its way along the chain. */
class ChainRun {
  readonly #parts: Parts
  readonly #task: TaskInput
  readonly #tools: TaskTools
  readonly #prompt: Prompt
  readonly #stream: AnswerStream
  readonly #endsAt: number
  readonly #tried = new Set<Seat>()
  readonly #reasons: Reason[] = []
  #isOver = false

  constructor(parts: Parts, task: TaskInput, tools: TaskTools) {
    this.#parts = parts
    this.#task = task
    this.#tools = tools
    const prompt = toPrompt(parts.system, task)
    const turns = rewriteTurns(prompt.turns)
    // of a conversation in which nothing is said, the vendor may judge
    this.#prompt = turns.length === 0 ? prompt : { ...prompt, turns }
    this.#stream = new AnswerStream(tools)
    this.#endsAt = toChainEnd(parts.clock.now(), task.deadlineAt)
  }

  /** @throws {TaskError} when nobody could answer */
  async run(): Promise<ChainAnswer> {
    while (!this.#hasEnded()) {
      this.#checkBudget()
      const admission = this.#parts.roster.admitNext(this.#tried)
      if (!admission) break
      this.#tried.add(admission.seat)
      const answer = await this.#askInTurn(admission)
      if (answer) return answer
    }
    throw this.#toError()
  }

  /** Asks one provider as often as its failures allow; undefined when it is somebody else's turn. */
  async #askInTurn({ seat, ticket: first }: Admission): Promise<ChainAnswer | undefined> {
    const { clock, random, roster } = this.#parts
    const turnEndsAt = toTurnEnd(clock.now(), this.#endsAt, roster.countOthers(this.#tried))
    let prompt = this.#prompt
    let ticket = first
    for (let attempts = 1; attempts <= ATTEMPTS_MAX; attempts++) {
      const { result } = await this.#attempt({ seat, ticket }, prompt, turnEndsAt)
      if (!(result instanceof ProviderError)) return toAnswer(result, seat.provider)
      const { kind } = result
      this.#reasons.push({ provider: seat.provider.name, kind, isRest: false, error: result })
      const rests = seat.breaker.name !== 'awake'
      const others = roster.countOthers(this.#tried)
      const { isSeen } = this.#stream
      const now = clock.now()
      const step = decideStep(result, { attempts, others, rests, isSeen, now, turnEndsAt, random: random() })
      const turns = step.name === 'trim' ? trimTurns(prompt.turns) : prompt.turns
      if (step.name === 'stop') this.#isOver = true
      if (step.name === 'stop' || step.name === 'next' || !turns) return undefined
      if (step.name === 'repeat') await pause(clock, step.waitMs, this.#tools.signal)
      if (this.#hasEnded()) return undefined
      this.#checkBudget()
      prompt = { ...prompt, turns }
      ticket = rests ? 'force' : 'ask'
    }
    return undefined
  }

  async #attempt(admission: Admission, prompt: Prompt, firstPieceBy: number): Promise<Outcome> {
    const { provider } = admission.seat
    const { clock, roster } = this.#parts
    const { signal } = this.#tools
    const onText = this.#stream.begin(provider.name)
    let outcome: Outcome | undefined
    try {
      outcome = await runAttempt({ provider, prompt, clock, signal, firstPieceBy, endsAt: this.#endsAt, onText })
    } finally {
      // a bug of ours is no word about the provider, but must not leave its probe open
      if (!outcome) roster.noteNothing(admission)
    }
    this.#account(admission, outcome)
    return outcome
  }

  #account(admission: Admission, outcome: Outcome): void {
    const { result, ...measured } = outcome
    const { budget, clock, observe, prices, roster } = this.#parts
    const { name: provider, model } = admission.seat.provider
    const { usage } = measured
    const cost = usage && findCost(prices, provider, model, usage)
    const facts: AttemptFacts = {
      taskId: this.#task.requestId,
      provider,
      model,
      ...measured,
      ...(cost === undefined ? {} : { cost }),
    }
    if (usage) budget.add({ provider, model, usage }, clock.now())
    if (result instanceof ProviderError) {
      const { kind, status, vendorCode, retryAfterMs } = result
      observe({
        type: 'provider.failed',
        ...facts,
        kind,
        ...(status === undefined ? {} : { status }),
        ...(vendorCode === undefined ? {} : { vendorCode }),
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      })
      roster.noteFailure(admission, result, !isUnfair(outcome))
    } else {
      observe({ type: 'provider.answered', ...facts, cutShort: result.cutShort })
      roster.noteAnswer(admission)
      this.#stream.end()
    }
  }

  #hasEnded(): boolean {
    return this.#isOver || this.#tools.signal.aborted || this.#parts.clock.now() >= this.#endsAt
  }

  #checkBudget(): void {
    const refusal = this.#parts.budget.findRefusal(this.#parts.clock.now())
    if (refusal) throw refusal
  }

  #toError(): TaskError {
    const isLate = !this.#isOver && this.#parts.clock.now() >= this.#endsAt
    const lastOf = new Map(this.#reasons.map((reason) => [reason.provider, reason]))
    const resting = this.#isOver
      ? []
      : this.#parts.roster.seats.flatMap(({ breaker, provider }) =>
          breaker.name === 'awake' || lastOf.has(provider.name)
            ? []
            : [{ provider: provider.name, kind: breaker.why, isRest: true }],
        )
    return toTaskError([...lastOf.values(), ...resting], isLate)
  }
}

/**
 * Asks the providers in order until one answers. At most {@link ATTEMPTS_MAX} attempts are made per provider, all of them
 * within the task's deadline, so that the asker always gets one answer, or one sentence that says why there is none.
 */
export const createChain = (given: FailoverParts): AskChain => {
  const { random = () => 0.5, clock, observe, providers } = given
  const roster = given.roster ?? new Roster({ providers, clock, observe, random })
  const budget = given.budget ?? new TokenBudget({ observe })
  const parts: Parts = { ...given, random, roster, budget, prices: given.prices ?? {} }
  return (task, tools) => new ChainRun(parts, task, tools).run()
}

/** The chain as a performer. It gives words and nothing else, so it offers no tools. */
export const createFailover = (given: FailoverParts): Performer => {
  const ask = createChain(given)
  return async (task, tools) => (await ask({ ...task, tools: [] }, tools)).text
}
