import { type Concept, toIndex } from './concepts.ts'

/** Concepts that mean an attack when they stand close together. */
export interface Rule {
  /** Stays the same for good: the audit trail has it. */
  readonly id: string
  /** One word of each group must be there. */
  readonly groups: readonly (readonly Concept[])[]
  /** How far apart the first and the last of them may be, in words. */
  readonly within: number
  /** How sure it is, from 0 to 1. */
  readonly score: number
  /** Whether the groups must come in this order. */
  readonly isOrdered?: boolean
}

/** Every rule; the surest that is found counts most. */
export const RULES: readonly Rule[] = [
  { id: 'override.orders', groups: [['override'], ['earlier'], ['order']], within: 9, score: 0.9 },
  { id: 'override.matter', groups: [['override'], ['earlier'], ['matter']], within: 7, score: 0.55 },
  { id: 'override.all-orders', groups: [['override'], ['all'], ['order']], within: 7, score: 0.7 },
  { id: 'override.own-orders', groups: [['override'], ['own'], ['order']], within: 7, score: 0.8 },
  { id: 'override.own-matter', groups: [['override'], ['own'], ['matter']], within: 6, score: 0.5 },
  { id: 'override.told', groups: [['override'], ['told']], within: 7, score: 0.75 },
  { id: 'override.context', groups: [['override'], ['context']], within: 6, score: 0.6 },
  {
    id: 'override.and-say',
    groups: [['override'], ['earlier', 'told', 'all'], ['say', 'start']],
    within: 14,
    score: 0.6,
  },
  {
    id: 'override.secret',
    groups: [['override'], ['earlier', 'told', 'all'], ['secret', 'hidden', 'user']],
    within: 16,
    score: 0.75,
  },
  { id: 'drop.orders', groups: [['drop'], ['earlier', 'own'], ['order']], within: 8, score: 0.6 },
  {
    id: 'follow.not',
    groups: [['not'], ['follow'], ['earlier', 'own', 'all'], ['order']],
    within: 9,
    score: 0.7,
    isOrdered: true,
  },
  { id: 'reveal.hidden', groups: [['reveal', 'repeat'], ['hidden']], within: 8, score: 0.75 },
  { id: 'reveal.own-orders', groups: [['reveal', 'repeat'], ['own'], ['order']], within: 6, score: 0.6 },
  {
    id: 'reveal.first-orders',
    groups: [['reveal', 'repeat', 'what'], ['earlier', 'told'], ['order']],
    within: 7,
    score: 0.5,
  },
  {
    id: 'reveal.told',
    groups: [['what', 'reveal', 'repeat'], ['told'], ['context', 'earlier', 'all']],
    within: 12,
    score: 0.6,
  },
  { id: 'repeat.context', groups: [['repeat'], ['context']], within: 9, score: 0.7 },
  { id: 'secret.ask', groups: [['reveal', 'what'], ['secret']], within: 5, score: 0.45 },
  { id: 'secret.own', groups: [['reveal', 'what'], ['own'], ['secret']], within: 7, score: 0.6 },
  { id: 'secret.recoded', groups: [['secret'], ['recode'], ['reveal', 'what']], within: 16, score: 0.5 },
  {
    id: 'secret.authority',
    groups: [
      ['authority', 'mode'],
      ['secret', 'hidden'],
    ],
    within: 24,
    score: 0.7,
  },
  { id: 'user.private', groups: [['user'], ['private'], ['reveal', 'what']], within: 9, score: 0.5 },
  { id: 'persona.free', groups: [['persona'], ['freedom', 'role']], within: 16, score: 0.7 },
  {
    id: 'persona.mode',
    groups: [
      ['persona', 'freedom'],
      ['mode', 'turn-on'],
    ],
    within: 10,
    score: 0.5,
  },
  { id: 'role.free', groups: [['role'], ['freedom'], ['assistant', 'own', 'persona']], within: 24, score: 0.65 },
  { id: 'assistant.free', groups: [['assistant'], ['freedom']], within: 14, score: 0.4 },
  { id: 'mode.enter', groups: [['mode'], ['turn-on', 'role', 'start']], within: 6, score: 0.55 },
  { id: 'mode.authority', groups: [['mode'], ['authority', 'assistant']], within: 14, score: 0.6 },
  {
    id: 'authority.must',
    groups: [['authority'], ['must'], ['reveal', 'order', 'own', 'follow']],
    within: 16,
    score: 0.45,
  },
  { id: 'start.free', groups: [['start'], ['freedom', 'persona', 'hidden']], within: 14, score: 0.5 },
  { id: 'start.role', groups: [['start'], ['role'], ['override', 'not', 'order']], within: 14, score: 0.35 },
  { id: 'reply.recoded', groups: [['reply'], ['recode']], within: 9, score: 0.3 },
]

/** A rule in the form in which it is matched: its groups as bits. */
export interface ReadyRule extends Rule {
  readonly masks: readonly number[]
  readonly any: number
}

/** Every rule, ready. */
export const READY_RULES: readonly ReadyRule[] = RULES.map((rule) => {
  const masks = rule.groups.map((group) => group.reduce((mask, concept) => mask | (1 << toIndex(concept)), 0))
  return { ...rule, masks, any: masks.reduce((all, mask) => all | mask, 0) }
})
