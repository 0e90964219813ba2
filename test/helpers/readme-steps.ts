/** A block of a README that says where it is carried out, with what is shown below it. */
export interface ReadmeStep {
  /** The section that it stands in. */
  readonly section: string
  /** The words of the comment before it; empty when there is none. */
  readonly where: string
  readonly language: string
  readonly body: string
  /** What is shown as its output. */
  readonly shown: string | undefined
}

const PIECE = /^## (?<section>.+)$|^<!-- (?<where>.+) -->$|^```(?<language>[a-z]*)\n(?<body>[\s\S]*?)^```$/gm

/** The blocks of a README, in its order; a fence without a language is the output of the block before it. */
export const readSteps = (text: string): ReadmeStep[] => {
  const steps: { -readonly [Key in keyof ReadmeStep]: ReadmeStep[Key] }[] = []
  let [section, where] = ['', '']
  for (const { groups = {} } of text.matchAll(PIECE)) {
    const { language, body = '' } = groups
    const last = steps.at(-1)
    if (groups['section'] !== undefined) section = groups['section']
    else if (groups['where'] !== undefined) where = groups['where']
    else if (language === '' && last !== undefined) last.shown = body
    else if (language !== undefined) {
      steps.push({ section, where, language, body, shown: undefined })
      where = ''
    }
  }
  return steps
}

/** What is shown as a pattern of what came: `…` stands for anything. */
export const toShownPattern = (shown: string): RegExp => {
  const source = shown
    .trim()
    .split('…')
    .map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[\\s\\S]*?')
  return new RegExp(`^${source}$`)
}
