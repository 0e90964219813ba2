import type { UntrustedKind } from '../guard/frame-untrusted.ts'

/** Asks the agent's own model. It fails when nobody answers. */
export type Ask = (
  prompt: { readonly system: string; readonly text: string },
  options: { readonly signal: AbortSignal; readonly timeoutMs: number },
) => Promise<string>

/**
 * Wraps text that nobody vouches for so that a model takes it for data, whatever it says: by a border that it cannot close.
 *
 * @param from who is said to have written it
 */
export type Frame = (kind: UntrustedKind, from: string, text: string) => string
