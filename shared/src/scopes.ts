/** What an agent token may be good for. */
export const SCOPES = ['agent', 'tasks:read', 'tasks:write', 'admin'] as const

/** A word of {@link SCOPES}. */
export type Scope = (typeof SCOPES)[number]

/** Whether a word is a scope. */
export const isScope = (word: string): word is Scope => SCOPES.some((scope) => scope === word)

/**
 * The scopes that a token's claim lists, separated by blanks, in the order of
 * {@link SCOPES}; words that this release does not know give nothing.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8693#section-4.2
 */
export const parseScopes = (claim: string): Scope[] => {
  const words = claim.split(' ')
  return SCOPES.filter((scope) => words.includes(scope))
}
