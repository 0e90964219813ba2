/** Another reading of a part of a text. */
export interface Reading {
  /** How it was read: readings of one kind make one view. */
  readonly kind: string
  readonly text: string
}

/** Texts up to this length are one part. */
const PART_CHARS = 1_200

/** How many gaps between words a part has: about its words. */
export const countGaps = (part: string): number => {
  let gaps = 0
  for (let at = part.indexOf(' '); at >= 0; at = part.indexOf(' ', at + 1)) gaps += 1
  return gaps
}

const toParts = (text: string): readonly string[] => {
  const parts: string[] = []
  for (let from = 0; from < text.length; ) {
    const gap = text.length - from <= PART_CHARS ? text.length : text.lastIndexOf(' ', from + PART_CHARS)
    const to = gap > from ? gap : from + PART_CHARS
    parts.push(text.slice(from, to))
    from = to
  }
  return parts
}

/**
 * The other readings of a text, kind by kind. A long text is read part by
 * part, and only the parts that have another reading are in it: so a view
 * costs what it brings.
 */
export const readParts = (
  text: string,
  readers: readonly ((part: string) => readonly Reading[])[],
): readonly string[] => {
  const byKind = new Map<string, string>()
  for (const part of toParts(text)) {
    for (const reader of readers) {
      for (const { kind, text: said } of reader(part)) byKind.set(kind, `${byKind.get(kind) ?? ''}${said} `)
    }
  }
  return [...byKind.values()].map((said) => said.trimEnd())
}
