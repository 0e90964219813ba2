import { CONCEPTS, type Concept } from './concepts.ts'

/** Concepts that mean an attack when they stand close together. */
export interface Rule {
  /** Stays the same for good: the audit trail has it. */
  readonly id: string
  /** Groups of concepts, joined by `+`: one word of each must be there, of those separated by `|` any. */
  readonly needs: string
  /** How far apart the first and the last of them may be, in words. */
  readonly within: number
  /** How sure it is, from 0 to 1. */
  readonly score: number
  /** Whether the groups must come in this order. */
  readonly isOrdered?: boolean
}

/** Every rule; the surest that is found counts most. */
export const RULES: readonly Rule[] = [
  { id: 'override.orders', needs: 'override + earlier + order', within: 9, score: 0.9 },
  { id: 'override.matter', needs: 'override + earlier + matter', within: 7, score: 0.35 },
  { id: 'override.all-orders', needs: 'override + all + order', within: 7, score: 0.65 },
  { id: 'override.own-orders', needs: 'override + own + order', within: 7, score: 0.8 },
  { id: 'override.own-matter', needs: 'override + own + matter', within: 6, score: 0.4 },
  { id: 'override.told', needs: 'override + told', within: 7, score: 0.7 },
  { id: 'override.context', needs: 'override + context', within: 6, score: 0.4 },
  { id: 'override.hidden', needs: 'override + hidden', within: 6, score: 0.7 },
  { id: 'override.and-say', needs: 'override + earlier|told|all + say|start', within: 14, score: 0.55 },
  { id: 'override.secret', needs: 'override + earlier|told + secret|hidden|user', within: 16, score: 0.7 },
  { id: 'override.free', needs: 'override + freedom|persona', within: 12, score: 0.4 },
  { id: 'drop.orders', needs: 'drop + earlier|own + order', within: 7, score: 0.55, isOrdered: true },
  { id: 'follow.not', needs: 'not + follow + earlier|own + order', within: 9, score: 0.65, isOrdered: true },
  { id: 'follow.not-all', needs: 'not + follow + all + order', within: 9, score: 0.45, isOrdered: true },
  { id: 'follow.not-matter', needs: 'not + follow + earlier', within: 6, score: 0.3, isOrdered: true },
  { id: 'reveal.hidden', needs: 'reveal|repeat + hidden', within: 7, score: 0.7 },
  { id: 'reveal.first-orders', needs: 'reveal|repeat|what + told + order', within: 7, score: 0.6 },
  { id: 'reveal.told', needs: 'what|reveal|repeat + told + context', within: 12, score: 0.6 },
  { id: 'reveal.all-orders', needs: 'reveal|repeat + all + order', within: 4, score: 0.35 },
  { id: 'repeat.context', needs: 'repeat + context', within: 9, score: 0.65 },
  { id: 'secret.ask', needs: 'reveal|what + secret', within: 5, score: 0.3 },
  { id: 'secret.own', needs: 'reveal|what + own + secret', within: 7, score: 0.55 },
  { id: 'secret.recoded', needs: 'secret + recode + reveal|what', within: 14, score: 0.45 },
  { id: 'secret.in-code', needs: 'secret + recode', within: 6, score: 0.25 },
  { id: 'authority.secret', needs: 'authority + secret|hidden + reveal|must', within: 20, score: 0.65 },
  { id: 'mode.secret', needs: 'mode + secret|hidden', within: 14, score: 0.5 },
  { id: 'mode.enter', needs: 'mode + turn-on|role|start', within: 5, score: 0.4 },
  { id: 'mode.authority', needs: 'mode + authority', within: 14, score: 0.55 },
  { id: 'mode.assistant', needs: 'mode + assistant', within: 14, score: 0.3 },
  { id: 'mode.free', needs: 'mode + freedom', within: 14, score: 0.55 },
  { id: 'user.private', needs: 'user + private + reveal|what', within: 9, score: 0.45 },
  { id: 'persona.free', needs: 'persona + freedom', within: 16, score: 0.7 },
  { id: 'persona.role', needs: 'persona + role + assistant|mode|override', within: 14, score: 0.5 },
  { id: 'role.free', needs: 'role + freedom + assistant|persona', within: 20, score: 0.6 },
  { id: 'role.free-any', needs: 'role + freedom', within: 9, score: 0.35 },
  { id: 'role.secret', needs: 'role + secret', within: 24, score: 0.35 },
  { id: 'reply.free', needs: 'reply + freedom', within: 14, score: 0.35 },
  { id: 'assistant.free', needs: 'assistant + freedom', within: 10, score: 0.35 },
  { id: 'authority.must', needs: 'authority + must + reveal|order|follow', within: 16, score: 0.4 },
  { id: 'start.free', needs: 'start + freedom|persona|hidden', within: 12, score: 0.45 },
  { id: 'start.role', needs: 'start + role + override|order', within: 12, score: 0.3 },
  { id: 'reply.recoded', needs: 'reply + recode', within: 9, score: 0.25 },
]

/** A rule in the form in which it is matched: its groups as bits. */
export interface ReadyRule extends Rule {
  readonly masks: readonly number[]
  /** The bits of all groups together. */
  readonly any: number
}

const isConcept = (word: string): word is Concept => (CONCEPTS as readonly string[]).includes(word)

const toBit = (word: string): number => {
  if (!isConcept(word)) throw new RangeError(`A rule needs "${word}", which is no concept.`)
  return 1 << CONCEPTS.indexOf(word)
}

/** Every rule, ready. */
export const READY_RULES: readonly ReadyRule[] = RULES.map((rule) => {
  const masks = rule.needs.split(' + ').map((group) => group.split('|').reduce((mask, word) => mask | toBit(word), 0))
  return { ...rule, masks, any: masks.reduce((all, mask) => all | mask, 0) }
})
