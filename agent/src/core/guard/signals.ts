/** A sign in the form of a text rather than in its words. */
export interface Signal {
  /** Stays the same for good: the audit trail has it. */
  readonly id: string
  readonly score: number
  /** Linear: bounded repetition only, and no part that can match in two ways. */
  readonly pattern: RegExp
}

/** What only a model's own input format, or a forged border of it, looks like. Matched on folded text. */
export const SIGNALS: readonly Signal[] = [
  {
    id: 'token.chat',
    score: 0.8,
    pattern:
      /<\|(?:im_start|im_end|im_sep|system|user|assistant|endoftext|begin_of_text|start_header_id|end_header_id|eot_id|endofprompt|end|start)\|>|<(?:start|end)_of_turn>/,
  },
  { id: 'token.instruct', score: 0.8, pattern: /\[\/?inst\]|<<\/?sys>>|\[\/?system_prompt\]/ },
  {
    id: 'border.mode',
    score: 0.65,
    pattern:
      /<\/?(?:system|god|admin|developer|dev|root|sudo|debug)[ _-]{0,2}(?:mode|override|access|command)>|<(?:системный режим|系统模式|系統模式)>/,
  },
  {
    id: 'border.system',
    score: 0.5,
    pattern: /<\/?(?:system|sys|system[_-]prompt|system[_-]message|developer[_-]message)>/,
  },
  {
    id: 'border.heading',
    score: 0.5,
    pattern:
      /(?:^|\n)[ \t>]{0,8}(?:#{2,6}|\*{2}|\[)[ ]?(?:new |real |updated )?(?:system|instructions?|admin)(?: prompt| message| override| instructions?)?(?:\]|\*\*)?[ ]?:/,
  },
  {
    id: 'border.end',
    score: 0.5,
    pattern:
      /[-=%#*]{3,12}[ ]?(?:end|stop|begin|start)(?: of)?(?: the)? (?:system|user|prompt|instructions?|context|input|conversation|rules)/,
  },
  {
    id: 'border.new',
    score: 0.4,
    pattern: /(?:^|[\n.!?] {0,2})new (?:system )?(?:instruction|rule|task|order|directive)s? ?:/,
  },
  // whole frames are taken out before: this one has no other half
  { id: 'border.untrusted', score: 0.5, pattern: /<\/?untrusted\b/ },
  { id: 'border.role', score: 0.5, pattern: /["']role["'] ?: ?["'](?:system|developer)["']/ },
  {
    id: 'carry.image',
    score: 0.5,
    pattern:
      /!\[[^\]\n]{0,80}\]\(https?:\/\/[^\s)]{1,200}[?=][^\s)]{0,200}(?:\{|<|\[|data|secret|conversation|history|prompt)/,
  },
]
