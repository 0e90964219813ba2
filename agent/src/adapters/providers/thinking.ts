import { EFFORTS, type Effort, THINKING_TOKENS_MIN } from './catalog.ts'

/** What a word is worth in tokens, for models that take tokens only. */
const TOKENS: Readonly<Record<Effort, number>> = {
  low: 2_048,
  medium: 8_192,
  high: 16_384,
  xhigh: 32_768,
  max: 65_536,
}

/** The word for a budget: the largest that is not worth more. */
export const toEffort = (thinking: number | Effort): Effort =>
  typeof thinking === 'string' ? thinking : (EFFORTS.findLast((word) => TOKENS[word] <= thinking) ?? 'low')

/** Claudes before this version know budgets only; those from 4.7 on refuse them. */
const ADAPTIVE_SINCE = 4.6

/** Version in the name of a Claude, `claude-sonnet-4-5-20250929` or `claude-3-7-sonnet-20250219`; a date is none. */
const findVersion = (model: string): number | undefined => {
  const [major, minor = '0'] = model.split(/[-.@]/).filter((part) => /^\d{1,2}$/.test(part))
  return major === undefined ? undefined : Number(`${major}.${minor}`)
}

/** Thinking in Anthropic's parameters. */
export type ClaudeThinking =
  | { readonly thinking: { type: 'enabled'; budget_tokens: number } }
  | { readonly thinking: { type: 'adaptive' }; readonly output_config: { effort: Effort } }

/**
 * Tells a Claude how much to think. Newer ones decide on the tokens themselves and take a word.
 *
 * @param tokensMax bound of thoughts and answer together, which a budget must stay below
 * @see https://platform.claude.com/docs/en/build-with-claude/extended-thinking
 */
export const toClaudeThinking = (model: string, thinking: number | Effort, tokensMax: number): ClaudeThinking => {
  const version = findVersion(model)
  if (version === undefined || version >= ADAPTIVE_SINCE) {
    return { thinking: { type: 'adaptive' }, output_config: { effort: toEffort(thinking) } }
  }
  const budget = typeof thinking === 'number' ? thinking : TOKENS[thinking]
  const fitting = Math.max(THINKING_TOKENS_MIN, Math.min(budget, Math.floor(tokensMax / 2)))
  return { thinking: { type: 'enabled', budget_tokens: typeof thinking === 'number' ? budget : fitting } }
}
