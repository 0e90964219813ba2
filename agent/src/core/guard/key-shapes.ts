import { tailAt } from './tail-at.ts'

/** What a key of a vendor looks like, wherever it comes from. */
export interface KeyShape {
  readonly id: string
  /** Linear: one run after a fixed beginning, which nothing that follows can refuse. */
  readonly pattern: RegExp
}

/** The shapes of keys that vendors document, and of private keys. */
export const KEY_SHAPES: readonly KeyShape[] = [
  { id: 'key.anthropic', pattern: /\bsk-ant-[A-Za-z0-9_-]{20,}/g },
  { id: 'key.openai', pattern: /\bsk-(?:proj-|svcacct-|admin-|or-v1-)?[A-Za-z0-9_-]{20,}/g },
  { id: 'key.google', pattern: /\bAIza[A-Za-z0-9_-]{35}/g },
  { id: 'key.github', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})/g },
  { id: 'key.aws', pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g },
  { id: 'key.slack', pattern: /\bxox[abprs]-[A-Za-z0-9-]{10,}/g },
  { id: 'key.groq', pattern: /\bgsk_[A-Za-z0-9]{20,}/g },
  { id: 'key.xai', pattern: /\bxai-[A-Za-z0-9]{20,}/g },
  { id: 'key.perplexity', pattern: /\bpplx-[A-Za-z0-9]{20,}/g },
  { id: 'key.nvidia', pattern: /\bnvapi-[A-Za-z0-9_-]{20,}/g },
  { id: 'key.hugging-face', pattern: /\bhf_[A-Za-z0-9]{30,}/g },
  { id: 'key.stripe', pattern: /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}/g },
  { id: 'key.token', pattern: /\beyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{16,}/g },
  {
    id: 'key.private',
    pattern:
      /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[A-Za-z0-9+/=\s]{0,8000}(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?/g,
  },
]

/** A private key has gaps in its first line; all others are one run of plain characters. */
const OPEN_PRIVATE = /-----BEGIN [A-Z -]{0,60}$/
const isGap = (code: number): boolean => code <= 32 || code >= 127

/** From where on the end of a text may be the beginning of a key. */
export const openKeyAt = (text: string): number => {
  const run = tailAt(text, isGap)
  const line = Math.max(0, text.length - 80)
  const head = text.slice(line).search(OPEN_PRIVATE)
  return head < 0 ? run : Math.min(run, line + head)
}
