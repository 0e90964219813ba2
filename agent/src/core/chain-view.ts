import type { TokenBudget } from './budget.ts'
import type { ProviderErrorKind } from './events.ts'
import type { Roster, Seat } from './roster.ts'
import { findCost, type Prices, sumTokens } from './usage.ts'

/** A provider of the chain, for whoever looks after the agent. Times are ISO 8601, in UTC. */
export interface SeatView {
  readonly provider: string
  readonly model: string
  readonly state: 'awake' | 'resting' | 'probing'
  /** While it rests: until when, and why. */
  readonly until?: string
  readonly why?: ProviderErrorKind
  readonly lastFailure?: { readonly kind: ProviderErrorKind; readonly at: string }
  /** Since the start. */
  readonly answered: number
  readonly failed: Readonly<Partial<Record<ProviderErrorKind, number>>>
  /** Today in UTC, over restarts. */
  readonly tokensToday: { readonly in: number; readonly out: number }
  readonly costToday?: number
}

/** The chain and its budget, as `/health` shows them. */
export interface ChainView {
  readonly chain: readonly SeatView[]
  /** All providers that were asked today, those that are not in the chain any more too. */
  readonly tokensToday: number
  readonly budget?: { readonly tokensPerDay: number; readonly tokensLeft: number; readonly renewsAt: string }
}

const toIso = (at: number): string => new Date(at).toISOString()

const viewState = ({ breaker }: Seat, now: number): Pick<SeatView, 'state' | 'until' | 'why'> => {
  switch (breaker.name) {
    case 'awake':
      return { state: 'awake' }
    case 'probing':
      return { state: 'probing', why: breaker.why }
    case 'resting':
      // it is asked at the next task, and until then nobody knows better
      if (breaker.until <= now) return { state: 'probing', why: breaker.why }
      return { state: 'resting', until: toIso(breaker.until), why: breaker.why }
  }
}

const viewSeat = (seat: Seat, budget: TokenBudget, prices: Prices, now: number): SeatView => {
  const { name, model } = seat.provider
  const spent = budget.read(now).find((each) => each.provider === name && each.model === model)
  const usage = spent?.usage ?? { inputTokens: 0, outputTokens: 0 }
  const cost = findCost(prices, name, model, usage)
  const { lastFailure } = seat
  return {
    provider: name,
    model,
    ...viewState(seat, now),
    ...(lastFailure === undefined ? {} : { lastFailure: { kind: lastFailure.kind, at: toIso(lastFailure.at) } }),
    answered: seat.answered,
    failed: Object.fromEntries(seat.failed),
    tokensToday: { in: usage.inputTokens, out: usage.outputTokens },
    ...(cost === undefined ? {} : { costToday: cost }),
  }
}

/** What is known of a chain. */
export const viewChain = (roster: Roster, budget: TokenBudget, prices: Prices, now: number): ChainView => {
  const spent = budget.read(now)
  const view = budget.view(now)
  return {
    chain: roster.seats.map((seat) => viewSeat(seat, budget, prices, now)),
    tokensToday: spent.reduce((sum, { usage }) => sum + sumTokens(usage), 0),
    ...(view === undefined
      ? {}
      : {
          budget: { tokensPerDay: view.tokensMax, tokensLeft: view.tokensLeft, renewsAt: toIso(view.renewsAt) },
        }),
  }
}

/** Whether somebody of a chain would be asked now, as far as is known. */
export const mayAnswer = ({ chain, budget }: ChainView): boolean =>
  chain.some(({ state }) => state !== 'resting') && budget?.tokensLeft !== 0
