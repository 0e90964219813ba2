import type { AdmissionRules } from '../admission.ts'
import type { ChainView, SeatView } from '../chain-view.ts'
import { tellSpan } from './agent-lines.ts'
import { count } from './words.ts'

/** How the agent is, for whoever looks after it. */
export interface StatusView {
  readonly agent: string
  readonly status: string
  /** What the link to the hub is doing. */
  readonly link: string
  readonly storage: 'ok' | 'unavailable'
  /** Tasks of the hub. */
  readonly tasks: { readonly running: number; readonly waiting: number }
  /** Messages of people. */
  readonly messages: { readonly running: number; readonly waiting: number }
  /** Teams that are at work, in all chats. */
  readonly teams: number
  /** In seconds. */
  readonly uptime: number
  readonly version: string
}

/** Who may speak here, what protects the agent, and what that has done. */
export interface SecurityView {
  readonly rules: AdmissionRules
  /** Whether there is a secret that messages between agents are signed with. */
  readonly isSigning: boolean
  readonly isEncrypting: boolean
  /** Whether what is not signed is refused. */
  readonly requireAuth: boolean
  /** Messages that admission has turned away since the start. */
  readonly refused: number
  /** Messages that the guard has stopped since the start. */
  readonly blocked: number
}

const tellLoad = ({ running, waiting }: StatusView['tasks']): string => `${running} running, ${waiting} waiting`

/** How the agent is, in lines. */
export const describeStatus = (view: StatusView): string[] => [
  `${view.agent}: ${view.status}, version ${view.version}, up ${tellSpan(view.uptime * 1_000)}`,
  `Hub link: ${view.link}`,
  `Storage: ${view.storage === 'ok' ? 'ok' : 'cannot be written; tasks are refused'}`,
  `Messages: ${tellLoad(view.messages)}`,
  `Tasks: ${tellLoad(view.tasks)}`,
  `Teams at work: ${view.teams}`,
]

/** A time as people read it, to the minute. */
const tellTime = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`

const tellState = ({ state, until, why }: SeatView): string => {
  const because = why === undefined ? '' : ` because of ${why}`
  switch (state) {
    case 'awake':
      return 'awake'
    case 'probing':
      return `to be tried again${because}`
    case 'resting':
      return `resting${until === undefined ? '' : ` until ${tellTime(until)}`}${because}`
  }
}

const tellNumber = (number: number): string => number.toLocaleString('en-GB')

/** Costs are small: two digits that say something, and no more than six behind the point. */
const tellCost = (cost: number): string =>
  cost.toLocaleString('en-GB', { maximumSignificantDigits: cost < 1 ? 2 : 6, maximumFractionDigits: 6 })

const describeSeat = (seat: SeatView): string => {
  const failures = Object.values(seat.failed).reduce((sum, failed) => sum + failed, 0)
  const { in: asked, out: answered } = seat.tokensToday
  const tokens = asked + answered === 0 ? [] : [`${tellNumber(asked)} + ${tellNumber(answered)} tokens today`]
  return `• ${[
    `${seat.provider}/${seat.model}: ${tellState(seat)}`,
    `${count(seat.answered, 'answer')}, ${count(failures, 'failure')}`,
    ...tokens,
    ...(seat.costToday === undefined || seat.costToday === 0 ? [] : [`cost ${tellCost(seat.costToday)}`]),
    ...(seat.lastFailure === undefined
      ? []
      : [`last failure ${seat.lastFailure.kind} at ${tellTime(seat.lastFailure.at)}`]),
  ].join(' · ')}`
}

/** Which AI answers, who rests until when and why, and what today has cost, in lines. */
export const describeProviders = ({ chain, tokensToday, budget }: ChainView): string[] => [
  'Providers, in the order in which they are asked:',
  ...chain.map(describeSeat),
  `Today: ${tellNumber(tokensToday)} tokens`,
  budget === undefined
    ? 'Budget: none'
    : `Budget: ${tellNumber(budget.tokensLeft)} of ${tellNumber(budget.tokensPerDay)} tokens left until ${tellTime(budget.renewsAt)}`,
]

const tellAllowed = (allowed: AdmissionRules['allowed']): string => {
  if (allowed === undefined) return 'off, so everybody may write'
  return allowed.size === 0
    ? 'on and empty, so only the person at the terminal may write'
    : `on, ${count(allowed.size, 'number')}`
}

const tellAgents = ({ isSigning, isEncrypting, requireAuth }: SecurityView): string => {
  if (!isSigning) return 'Agents: messages are neither signed nor encrypted'
  const unsigned = requireAuth ? 'unsigned ones are refused' : 'unsigned ones are taken, too'
  return `Agents: messages are signed${isEncrypting ? ' and encrypted' : ', not encrypted'}; ${unsigned}`
}

/** Who may speak here, what protects the agent, and what that has done, in lines. Nobody's number is told. */
export const describeSecurity = (view: SecurityView): string[] => {
  const { rules, refused, blocked } = view
  return [
    `Allowlist: ${tellAllowed(rules.allowed)}`,
    `Blocklist: ${count(rules.blocked.size, 'number')}`,
    `Admins: ${count(rules.admins.size, 'number')}, and the person at the terminal`,
    `Limits: ${count(rules.rateMax, 'message')} in ${tellSpan(rules.rateWindowMs)}, ${tellNumber(rules.charsMax)} characters each`,
    tellAgents(view),
    `Since the start: ${count(refused, 'message')} refused, ${count(blocked, 'message')} blocked`,
  ]
}
