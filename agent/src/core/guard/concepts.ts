/**
 * What a word can be about, as far as the rules care. Rules join concepts, so
 * that a rule is written once and a language is a list of words.
 */
export const CONCEPTS = [
  'override', // ignore, forget, disregard
  'drop', // delete, cancel, skip, break
  'earlier', // previous, above, all, original
  'all', // all, any, every
  'order', // instructions, rules, guidelines
  'matter', // messages, commands, context
  'told', // what you were told
  'own', // your, yours
  'follow', // follow, obey
  'not', // not, never, stop
  'reveal', // show, print, tell
  'repeat', // repeat, copy, output verbatim
  'what', // what is, which
  'hidden', // system prompt, hidden instructions
  'context', // the text above, this conversation
  'secret', // password, secret key
  'persona', // DAN and his kin
  'freedom', // without restrictions, uncensored
  'role', // act as, pretend, you are now
  'mode', // developer mode, god mode
  'authority', // I am your developer
  'must', // must, need, have to
  'user', // the user's, users
  'private', // address, birth date, balance
  'reply', // your response
  'recode', // in base64, in reverse
  'say', // just say, only print
  'assistant', // AI, model, assistant
  'talk', // prompt injection, jailbreak: talk about attacks
  'explain', // explain, detect, defend
  'start', // from now on, new task
  'turn-on', // enable, enter, activate
] as const

/** One concept. */
export type Concept = (typeof CONCEPTS)[number]

/** The place of a concept in every table that is indexed by concepts. */
export const toIndex = (concept: Concept): number => CONCEPTS.indexOf(concept)

/** Words of one language by concept: `*` at the end for every word that begins so, a space for any gap between words. */
export type Lexicon = { readonly [concept in Concept]?: string }
