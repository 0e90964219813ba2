import { hasAtMostChars, toMatchKey } from '@ai-comms/shared'
import { findJson } from './find-json.ts'
import { findMember, hasSkill, type Member } from './members.ts'

/** Most steps of a plan. */
export const STEPS_MAX = 20
/** Longest text of a step, in characters. */
export const STEP_CHARS_MAX = 10_000
/** Most complaints that are told at once; whoever repairs a plan needs no more. */
const COMPLAINTS_MAX = 10

/** One piece of the work. Its id is its place in the plan, counted from 1. */
export interface PlanStep {
  readonly id: string
  readonly agent: string
  /** What it was chosen for, or all that its agent can: another one that has some of it may step in. */
  readonly skills: readonly string[]
  readonly task: string
  /** Steps whose results it needs. */
  readonly after: readonly string[]
}

/**
 * Who does what, and in which order. `model`: a model's proposal · `straight`: there is only one agent · `skills`: no model
 * could be asked, so words were compared.
 */
export interface Plan {
  readonly origin: 'model' | 'straight' | 'skills' | 'anybody'
  /** Each step stands behind those that it needs. */
  readonly steps: readonly PlanStep[]
}

/** A plan that may run, with what was read into it; or everything that is wrong with it. */
export type PlanReading =
  | { readonly ok: true; readonly plan: Plan; readonly notes: readonly string[] }
  | { readonly ok: false; readonly complaints: readonly string[] }

/** A step as the model wrote it. */
interface Draft {
  readonly id: string
  readonly agent: string | undefined
  readonly skill: string | undefined
  readonly task: string
  readonly after: readonly string[]
}

type Members = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const toText = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value).trim() : undefined

/** The first of several names under which models write the same thing. */
const readFirst = (step: Members, names: readonly string[]): unknown =>
  names.map((name) => step[name]).find((value) => value !== undefined && value !== null)

const readDraft = (step: unknown, index: number): Draft => {
  const members = isObject(step) ? step : {}
  const after = readFirst(members, ['after', 'dependsOn', 'depends_on', 'dependencies', 'needs'])
  const list = Array.isArray(after) ? after : after === undefined ? [] : [after]
  return {
    id: toText(members['id']) || String(index + 1),
    agent: toText(readFirst(members, ['agent', 'assignee', 'name'])) || undefined,
    skill: toText(members['skill']) || undefined,
    task: toText(readFirst(members, ['task', 'message', 'instruction', 'prompt'])) ?? '',
    after: [...new Set(list.map((each) => toText(each) ?? JSON.stringify(each)))],
  }
}

/** The steps of the last object that has some; a model that changes its mind says so last. */
const findSteps = (answer: string): readonly unknown[] | undefined => {
  const lists = findJson(answer).flatMap((value) => {
    const steps = isObject(value) ? readFirst(value, ['steps', 'plan', 'tasks']) : value
    return Array.isArray(steps) && steps.some(isObject) ? [steps] : []
  })
  return lists.at(-1)
}

/** `!team` as a whole word, also in the forms that a phone or a joker writes. */
const TEAM_COMMAND = /(?<![\p{L}\p{N}_])!\s*team(?![\p{L}\p{N}_-])/iu

/** Whether a text would start a team: the work is divided once, and never by those who do it. */
export const hasTeamCommand = (text: string): boolean => TEAM_COMMAND.test(text.normalize('NFKC'))

const complainAboutText = ({ id, task }: Draft): string[] => {
  if (task === '') return [`Step ${id} has no "task".`]
  if (!hasAtMostChars(task, STEP_CHARS_MAX))
    return [`The task of step ${id} has more than ${STEP_CHARS_MAX} characters.`]
  return hasTeamCommand(task) ? [`Step ${id} holds the command !team; a step may not start a team.`] : []
}

/** Steps in an order in which each stands behind those that it needs, or those that wait for each other in a circle. */
const sort = (drafts: readonly Draft[]): { readonly sorted: Draft[]; readonly circle: Draft[] } => {
  const sorted: Draft[] = []
  let rest = [...drafts]
  const done = new Set<string>()
  for (;;) {
    const ready = rest.filter(({ after }) => after.every((id) => done.has(id)))
    if (ready.length === 0) return { sorted, circle: rest }
    sorted.push(...ready)
    for (const { id } of ready) done.add(id)
    rest = rest.filter(({ id }) => !done.has(id))
  }
}

const complainAboutOrder = (drafts: readonly Draft[]): string[] => {
  const ids = new Set(drafts.map(({ id }) => id))
  const twice = drafts.filter(({ id }, at) => drafts.findIndex((other) => other.id === id) < at)
  const unknown = drafts.flatMap(({ id, after }) =>
    after.filter((each) => !ids.has(each)).map((each) => `Step ${id} needs step ${each}, which is not in the plan.`),
  )
  const complaints = [...twice.map(({ id }) => `Two steps have the id ${id}.`), ...unknown]
  if (complaints.length > 0) return complaints
  const { circle } = sort(drafts)
  return circle.length === 0
    ? []
    : [`These steps wait for each other in a circle: ${circle.map(({ id }) => id).join(', ')}.`]
}

interface Cast {
  readonly member?: Member
  readonly note?: string
  readonly complaint?: string
}

/** Who does a step: whom it names, or who has the skill that it names. */
const cast = ({ id, agent, skill }: Draft, members: readonly Member[]): Cast => {
  const names = members.map(({ name }) => name).join(', ')
  if (agent === undefined && skill === undefined) {
    return { complaint: `Step ${id} names no "agent"; there are ${names}.` }
  }
  if (agent === undefined) {
    const member = members.find((each) => hasSkill(each, skill ?? ''))
    return member ? { member } : { complaint: `Step ${id} asks for the skill ${skill}, which nobody has.` }
  }
  const member = findMember(members, agent)
  if (!member) return { complaint: `Step ${id} names the agent ${agent}, whom nobody knows; there are ${names}.` }
  const isSame = toMatchKey(member.name) === toMatchKey(agent.replace(/^@/, ''))
  return isSame ? { member } : { member, note: `“${agent}” was read as ${member.name}.` }
}

const toPlan = (drafts: readonly Draft[], agents: ReadonlyMap<string, Member>): Plan => {
  const { sorted } = sort(drafts)
  const numbers = new Map(sorted.map(({ id }, at) => [id, String(at + 1)]))
  return {
    origin: 'model',
    steps: sorted.map(({ id, skill, task, after }) => {
      const member = agents.get(id)
      return {
        id: numbers.get(id) ?? id,
        agent: member?.name ?? '',
        // a skill that its own agent does not have would call in a stranger
        skills: skill !== undefined && member && hasSkill(member, skill) ? [skill] : (member?.skills ?? []),
        task: task.toWellFormed(),
        after: after.map((each) => numbers.get(each) ?? each),
      }
    }),
  }
}

/** Reads a plan out of a model's answer: lenient with its form, strict with what it says. */
export const readPlan = (answer: string, members: readonly Member[]): PlanReading => {
  const steps = findSteps(answer)
  if (steps === undefined) return { ok: false, complaints: ['There is no JSON object with a list "steps".'] }
  if (steps.length > STEPS_MAX) {
    return { ok: false, complaints: [`The plan has ${steps.length} steps; ${STEPS_MAX} are allowed.`] }
  }
  const drafts = steps.map(readDraft)
  const casts = new Map(drafts.map((draft) => [draft.id, cast(draft, members)]))
  const complaints = [
    ...drafts.flatMap(complainAboutText),
    ...[...casts.values()].flatMap(({ complaint }) => (complaint === undefined ? [] : [complaint])),
    ...complainAboutOrder(drafts),
  ]
  if (complaints.length > 0) return { ok: false, complaints: complaints.slice(0, COMPLAINTS_MAX) }
  const agents = new Map([...casts].flatMap(([id, { member }]) => (member ? [[id, member] as const] : [])))
  const notes = [...new Set([...casts.values()].flatMap(({ note }) => (note === undefined ? [] : [note])))]
  return { ok: true, plan: toPlan(drafts, agents), notes }
}
