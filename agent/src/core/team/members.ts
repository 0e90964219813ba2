import { type AgentView, findNearest, toMatchKey } from '@ai-comms/shared'

/** Somebody who may work in a team. */
export interface Member {
  readonly name: string
  readonly skills: readonly string[]
  readonly description?: string
  /** Tasks that it holds at the moment. */
  readonly inFlight: number
}

/** Most agents that a team is chosen from: more would fill a model's view with names. */
export const MEMBERS_MAX = 50

/** Everybody but the one who asks, each name once; replicas count together. */
export const toMembers = (agents: readonly AgentView[], self: string): Member[] => {
  const members = new Map<string, Member>()
  for (const { name, skills, description, inFlight } of agents) {
    const key = toMatchKey(name)
    if (key === toMatchKey(self)) continue
    const known = members.get(key)
    members.set(key, {
      name: known?.name ?? name,
      skills: [...new Set([...(known?.skills ?? []), ...skills])],
      ...(description === undefined || description === '' ? {} : { description }),
      inFlight: (known?.inFlight ?? 0) + inFlight,
    })
  }
  return [...members.values()].slice(0, MEMBERS_MAX)
}

/** The member of this name, or of the name that is nearest to it. */
export const findMember = (members: readonly Member[], name: string): Member | undefined => {
  const byKey = new Map(members.map((member) => [toMatchKey(member.name), member]))
  // models write names as people mention them
  const key = toMatchKey(name.trim().replace(/^@/, ''))
  const [nearest] = byKey.has(key) ? [key] : findNearest(key, byKey.keys(), 1)
  return nearest === undefined ? undefined : byKey.get(nearest)
}

/** Whether a member has a skill. */
export const hasSkill = ({ skills }: Member, skill: string): boolean =>
  skills.some((each) => toMatchKey(each) === toMatchKey(skill))
