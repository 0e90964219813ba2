import { toCharacters } from './cells.ts'

/** What is being typed. */
export interface Draft {
  readonly text: string
  /** Where the next character goes, as an offset of the text. */
  readonly cursor: number
  /** What was cut last, for putting it back. */
  readonly cut: string
}

/** One change of what is being typed. */
export type Edit = (draft: Draft) => Draft

/** Finds a place in what is being typed. */
type Find = (draft: Draft) => number

/** Nothing typed yet. */
export const EMPTY: Draft = { text: '', cursor: 0, cut: '' }

const lineStart: Find = ({ text, cursor }) => text.lastIndexOf('\n', cursor - 1) + 1

const lineEnd: Find = ({ text, cursor }) => {
  const at = text.indexOf('\n', cursor)
  return at < 0 ? text.length : at
}

const characterBefore: Find = (draft) => {
  const start = lineStart(draft)
  if (draft.cursor === start) return Math.max(0, start - 1)
  return draft.cursor - (toCharacters(draft.text.slice(start, draft.cursor)).at(-1)?.length ?? 0)
}

const characterAfter: Find = (draft) => {
  const end = lineEnd(draft)
  if (draft.cursor === end) return Math.min(draft.text.length, end + 1)
  return draft.cursor + (toCharacters(draft.text.slice(draft.cursor, end))[0]?.length ?? 0)
}

const wordBefore: Find = ({ text, cursor }) =>
  text.slice(0, cursor).replace(/[\p{L}\p{N}\p{M}_]+[^\p{L}\p{N}\p{M}_]*$|[^\p{L}\p{N}\p{M}_]+$/u, '').length

const wordAfter: Find = ({ text, cursor }) =>
  cursor + (/^[^\p{L}\p{N}\p{M}_]*[\p{L}\p{N}\p{M}_]*/u.exec(text.slice(cursor))?.[0].length ?? 0)

const blankBefore: Find = ({ text, cursor }) => text.slice(0, cursor).replace(/\S*\s*$/, '').length

const move =
  (find: Find): Edit =>
  (draft) => ({ ...draft, cursor: find(draft) })

/** Removes from the cursor to a place on either side of it. */
const remove =
  (find: Find): Edit =>
  (draft) => {
    const place = find(draft)
    const [from, to] = place < draft.cursor ? [place, draft.cursor] : [draft.cursor, place]
    return { ...draft, text: draft.text.slice(0, from) + draft.text.slice(to), cursor: from }
  }

/** Removes, and keeps what was removed. */
const cut =
  (find: Find): Edit =>
  (draft) => {
    const place = find(draft)
    const removed = draft.text.slice(Math.min(place, draft.cursor), Math.max(place, draft.cursor))
    return { ...remove(find)(draft), cut: removed === '' ? draft.cut : removed }
  }

/** Puts a text where the cursor is. */
export const insert =
  (text: string): Edit =>
  (draft) => ({
    ...draft,
    text: draft.text.slice(0, draft.cursor) + text + draft.text.slice(draft.cursor),
    cursor: draft.cursor + text.length,
  })

/** Moves to the line above or below, as near to the same column as it goes; undefined where there is none. */
export const moveVertically = (draft: Draft, step: -1 | 1): Draft | undefined => {
  const [start, end] = [lineStart(draft), lineEnd(draft)]
  if (step < 0 ? start === 0 : end === draft.text.length) return undefined
  const column = toCharacters(draft.text.slice(start, draft.cursor)).length
  const target = { ...draft, cursor: step < 0 ? start - 1 : end + 1 }
  const [from, to] = [lineStart(target), lineEnd(target)]
  const before = toCharacters(draft.text.slice(from, to)).slice(0, column).join('')
  return { ...draft, cursor: from + before.length }
}

/** The edits that keys are bound to. */
export const EDITS = {
  left: move(characterBefore),
  right: move(characterAfter),
  wordLeft: move(wordBefore),
  wordRight: move(wordAfter),
  start: move(lineStart),
  end: move(lineEnd),
  eraseBefore: remove(characterBefore),
  eraseAfter: remove(characterAfter),
  cutWordBefore: cut(wordBefore),
  cutBlankBefore: cut(blankBefore),
  cutWordAfter: cut(wordAfter),
  cutToStart: cut(lineStart),
  cutToEnd: cut(lineEnd),
  putBack: (draft: Draft) => insert(draft.cut)(draft),
} as const satisfies Readonly<Record<string, Edit>>
