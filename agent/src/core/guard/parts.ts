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

/** A part ends at a gap, if there is one among its last characters. */
const GAP_CHARS = 200

const toParts = (text: string): readonly string[] => {
  if (text.length <= PART_CHARS) return [text]
  const parts: string[] = []
  for (let from = 0; from < text.length; ) {
    const to = from + PART_CHARS
    const gap = to >= text.length ? -1 : text.slice(to - GAP_CHARS, to + 1).lastIndexOf(' ')
    const end = gap < 0 ? to : to - GAP_CHARS + gap
    parts.push(text.slice(from, end))
    from = end
  }
  return parts
}

/**
 * The other readings of a text, kind by kind. A long text is read part by
 * part, and only the parts that have another reading are in it: so a view
 * costs what it brings.
 *
 * @param charsMax of all readings together, about: what comes after them is not read in other ways
 */
export const readParts = (
  text: string,
  readers: readonly ((part: string) => readonly Reading[])[],
  charsMax: number,
): readonly string[] => {
  const byKind = new Map<string, string[]>()
  let chars = 0
  for (const part of toParts(text)) {
    for (const reader of readers) {
      for (const { kind, text: said } of reader(part)) {
        const pieces = byKind.get(kind)
        if (pieces === undefined) byKind.set(kind, [said])
        else pieces.push(said)
        chars += said.length
      }
    }
    if (chars >= charsMax) break
  }
  return [...byKind.values()].map((pieces) => pieces.join(' '))
}
