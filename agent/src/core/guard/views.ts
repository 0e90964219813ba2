import { GUARD_BOUNDS } from './bounds.ts'
import { decodeHidden } from './decode-hidden.ts'
import { reorderLetters } from './decode-letters.ts'
import { decodeEscapes, decodeRuns } from './decode-runs.ts'
import { foldText, stripInvisible } from './fold.ts'
import { joinLetters } from './join-letters.ts'
import { type Reading, readParts } from './parts.ts'
import { readLeet } from './read-leet.ts'

/** One reading of a text. */
export interface View {
  /** Folded: lower case, without accents and invisible characters. */
  readonly text: string
  /** How many decodings lie between it and what was written. */
  readonly depth: number
}

interface Pending {
  readonly raw: string
  readonly depth: number
}

const readEscapes = (part: string): readonly Reading[] => {
  const text = decodeEscapes(part)
  return text === undefined ? [] : [{ kind: 'escapes', text }]
}

/** Decodings that need the letters as they were written: capitals count in base64. */
const decodeRaw = (raw: string, charsMax: number): readonly string[] => {
  const shown = stripInvisible(raw)
  const hidden = decodeHidden(raw)
  return [hidden, decodeRuns(shown)]
    .filter((text) => text !== undefined)
    .concat(readParts(shown, [readEscapes], charsMax))
}

const READERS = [joinLetters, reorderLetters, readLeet]

/**
 * A text and everything it can be read as, decoded again and again within
 * bounds of number, length and depth. The text itself comes first.
 */
export const toViews = (text: string): readonly View[] => {
  const views: View[] = []
  const seen = new Set<string>()
  const pending: Pending[] = [{ raw: text, depth: 0 }]
  let charsLeft = GUARD_BOUNDS.viewCharsMax
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    const folded = foldText(next.raw)
    if (seen.has(folded)) continue
    charsLeft -= next.depth > 0 ? folded.length : 0
    seen.add(folded)
    views.push({ text: folded, depth: next.depth })
    if (views.length >= GUARD_BOUNDS.viewsMax || charsLeft <= 0) break
    if (next.depth >= GUARD_BOUNDS.depthMax) continue
    // twice the room, since readings of one text may be the same
    const charsMax = 2 * charsLeft
    for (const said of [...decodeRaw(next.raw, charsMax), ...readParts(folded, READERS, charsMax)]) {
      pending.push({ raw: said.slice(0, charsLeft), depth: next.depth + 1 })
    }
  }
  return views
}
