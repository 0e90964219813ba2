import { cutText } from '../cut-text.ts'
import type { Plan, PlanStep } from './plan.ts'
import { isEnd, type StepState, type TeamRun } from './team-run.ts'

/** How much of a step's text is shown in a list, in characters. */
const LINE_CHARS_MAX = 200

type States = ReadonlyMap<string, StepState>

/** The first words of a text, on one line. */
export const toLine = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  const chars = [...line.slice(0, 2 * LINE_CHARS_MAX)]
  return chars.length <= LINE_CHARS_MAX ? line : `${chars.slice(0, LINE_CHARS_MAX).join('')}…`
}

const listWords = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`

const describeStep = ({ id, agent, task, after }: PlanStep): string =>
  `${id}. ${agent}${after.length === 0 ? '' : `, after ${listWords(after)}`}: ${toLine(task)}`

const nameAll = ({ steps }: Plan): string => listWords([...new Set(steps.map(({ agent }) => agent))])

/** Why nobody has divided the task. */
export type Unplanned = 'no-model' | 'bad-plan'

const WHY: Readonly<Record<Unplanned, string>> = {
  'no-model': 'No model can be asked for a plan at the moment',
  'bad-plan': 'The model gave no plan that could be used',
}

/** The plan as a person reads it before it runs. */
export const showPlan = (plan: Plan, notes: readonly string[], unplanned: Unplanned = 'no-model'): string => {
  if (plan.origin === 'straight') return `${nameAll(plan)} is the only other agent online and gets the task as it is.`
  if (plan.origin === 'skills') {
    return `${WHY[unplanned]}, so the task goes as it is to whom its words fit best: ${nameAll(plan)}. Stop with !team stop.`
  }
  if (plan.origin === 'anybody') {
    return `${WHY[unplanned]}, and the words of the task fit nobody's skills, so it goes as it is to ${nameAll(plan)}. Stop with !team stop.`
  }
  const count = plan.steps.length === 1 ? '1 step' : `${plan.steps.length} steps`
  return [`The plan has ${count}:`, ...plan.steps.map(describeStep), ...notes, 'Stop with !team stop.'].join('\n')
}

/** How far a run is, on one line. */
export const showProgress = (plan: Plan, states: States): string => {
  const stateOf = ({ id }: PlanStep) => states.get(id)
  const done = plan.steps.filter((step) => stateOf(step)?.state === 'done').length
  const undone = plan.steps.filter((step) => {
    const state = stateOf(step)
    return state !== undefined && isEnd(state) && state.state !== 'done'
  }).length
  const working = plan.steps.flatMap((step) => {
    const state = stateOf(step)
    return state?.state === 'running' ? [`${state.current.agent} works on ${step.id}`] : []
  })
  return [
    `Team: ${done} of ${plan.steps.length} steps done`,
    ...(undone === 0 ? [] : [`${undone} not`]),
    ...(working.length === 0 ? [] : [working.join(', ')]),
  ].join(' · ')
}

/** Why a step has no result. */
export const explainEnd = (state: StepState | undefined): string => {
  switch (state?.state) {
    case 'failed':
      return state.failed.map(({ agent, reason }) => `${agent}: ${toLine(reason)}`).join('; then ')
    case 'skipped':
      return state.reason
    case 'canceled':
      return 'It was stopped.'
    default:
      return 'It was not begun.'
  }
}

const describeShare = (step: PlanStep, state: StepState | undefined): string => {
  const what = `${step.id}. ${toLine(step.task)}`
  if (state?.state !== 'done') return `✗ ${what}\n   ${explainEnd(state)}`
  const before = state.failed.map(({ agent, reason }) => `${agent} failed: ${toLine(reason)}`)
  return `✓ ${what}\n   ${[state.agent, ...before].join(', after ')}`
}

/** Who did what, for the end of a report. */
export const showShares = (plan: Plan, states: States): string =>
  ['Who did what:', ...plan.steps.map((step) => describeShare(step, states.get(step.id)))].join('\n')

/** How much of one result a report without a model shows, in characters. */
const RESULT_SHOWN_CHARS_MAX = 20_000

/** All that a run has come to, in the agents' own words. */
export const showResults = ({ plan, steps, isStopped }: TeamRun): string => {
  if (plan === undefined) return 'The team was stopped before there was a plan.'
  const parts = plan.steps.map((step) => {
    const state = steps.get(step.id)
    if (state?.state === 'done') {
      const before = state.failed.map(({ agent, reason }) => ` (in place of ${agent}: ${toLine(reason)})`).join('')
      const name = plan.steps.length === 1 ? state.agent : `${step.id}. ${state.agent}`
      return `${name}${before}:\n${cutText(state.result, RESULT_SHOWN_CHARS_MAX)}`
    }
    return `${step.id}. Not done: ${explainEnd(state)}`
  })
  const hasResult = [...steps.values()].some(({ state }) => state === 'done')
  const head = isStopped ? ['The team was stopped.'] : hasResult ? [] : ['The team has no result.']
  return [...head, ...parts].join('\n\n')
}
