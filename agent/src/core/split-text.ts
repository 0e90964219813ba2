import { type Fence, toFenceAfter } from './fences.ts'

/** Shortest bound that texts are split to, in UTF-16 units: room for a fence and a few words. */
export const PART_CHARS_MIN = 64

/** Where a text may be cut, from the best place to the worst, each with the least share of a part that it must fill. */
const CUTS = [
  ['paragraph', 0.4],
  ['fence', 0.3],
  ['line', 0.4],
  ['code-paragraph', 0.5],
  ['code-line', 0.3],
  ['word', 0.5],
  ['line', 0],
  ['code-line', 0],
  ['word', 0],
] as const

type Place = (typeof CUTS)[number][0]

/** The last offset of each kind of place within a stretch of text. */
type Places = Partial<Record<Place, number>>

const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

const toPlace = (before: Fence | undefined, line: string, previous: string, wasFence: boolean): Place | undefined => {
  const after = toFenceAfter(before, line)
  const isBlank = previous.trim() === ''
  if (before === undefined) {
    if (isBlank) return 'paragraph'
    return wasFence || after !== undefined ? 'fence' : 'line'
  }
  // an empty block on either side of the cut helps nobody
  if (wasFence || after === undefined) return undefined
  return isBlank ? 'code-paragraph' : 'code-line'
}

/** Finds the last place of each kind at which a line begins, no further than `end`. */
const findLinePlaces = (text: string, from: number, end: number, fence: Fence | undefined): Places => {
  const places: Places = {}
  let state = fence
  let wasFence = false
  let previous = ''
  for (let start = from; start <= end && start < text.length; ) {
    const newline = text.indexOf('\n', start)
    const stop = newline < 0 ? text.length : newline
    const line = text.slice(start, stop)
    const place = start > from ? toPlace(state, line, previous, wasFence) : undefined
    if (place !== undefined) places[place] = start
    const after = toFenceAfter(state, line)
    wasFence = after !== state
    state = after
    previous = line
    start = stop + 1
  }
  return places
}

/** Finds the last blank after which a word may begin a part; not one that looks like a fence once it stands first. */
const findWordPlace = (text: string, from: number, end: number): number | undefined => {
  for (let at = end; at > from; at -= 1) {
    if (/[ \t]/.test(text[at - 1] ?? '') && !/[ \t`~]/.test(text[at] ?? '')) return at
  }
  return undefined
}

/** The last border of a character as people see it, else of a code point, no further than `end`. */
const findCharPlace = (text: string, from: number, end: number): number => {
  // one character beyond the end, so that what continues it is seen
  const found = GRAPHEMES.segment(text.slice(from, end + 2)).containing(end - from)
  if (found === undefined) return end
  if (found.index > 0) return from + found.index
  const isPair = /[\uD800-\uDBFF]/.test(text[end - 1] ?? '') && /[\uDC00-\uDFFF]/.test(text[end] ?? '')
  return isPair && end - 1 > from ? end - 1 : end
}

const findCut = (text: string, from: number, end: number, fence: Fence | undefined): number => {
  const word = findWordPlace(text, from, end)
  const places: Places = { ...findLinePlaces(text, from, end, fence), ...(word === undefined ? {} : { word }) }
  for (const [place, share] of CUTS) {
    const at = places[place]
    if (at !== undefined && at - from >= (end - from) * share) return at
  }
  return findCharPlace(text, from, end)
}

const scan = (fence: Fence | undefined, text: string): Fence | undefined =>
  text.split('\n').reduce<Fence | undefined>(toFenceAfter, fence)

/** A stretch as a message of its own: an open block is begun again before it and closed after it. */
const toPart = (fence: Fence | undefined, stretch: string): string => {
  const part = `${fence === undefined ? '' : `${fence.opening}\n`}${stretch}`
  const open = scan(undefined, part)
  if (open === undefined) return part.trimEnd()
  return `${part.endsWith('\n') ? part : `${part}\n`}${open.closing}`
}

/** Whatever surrounds a cut outside of a code block is blank, and no message begins with it. */
const skipBlank = (text: string, from: number, fence: Fence | undefined): number => {
  if (fence !== undefined) return from
  const found = /[^\s]/.exec(text.slice(from))
  if (found === null) return text.length
  const lineStart = text.lastIndexOf('\n', from + found.index - 1) + 1
  return Math.max(from, lineStart)
}

/** The longest part that may begin at `from`, and where it ends. */
const takePart = (text: string, from: number, max: number, fence: Fence | undefined): readonly [string, number] => {
  const rest = text.length - from > max ? undefined : toPart(fence, text.slice(from))
  if (rest !== undefined && rest.length <= max) return [rest, text.length]
  for (let end = Math.min(text.length, from + max); ; ) {
    const cut = findCut(text, from, end, fence)
    const part = toPart(fence, text.slice(from, cut))
    if (part.length <= max) return [part, cut]
    // what the lines that begin and close a block take is given up
    end = Math.max(from + 1, Math.min(cut - 1, end - (part.length - max)))
  }
}

/**
 * Splits a text into messages of at most `max` UTF-16 units, at borders of paragraphs and code blocks where there are
 * some, else of lines, words and characters. A code block that is cut is closed, and begun again with its language. A
 * text that fits comes back as it is; blank lines at a cut are dropped, and nothing else is.
 *
 * @param max in UTF-16 units; at least {@link PART_CHARS_MIN}
 * @throws {RangeError} when `max` is smaller
 */
export const splitText = (text: string, max: number): readonly string[] => {
  if (!(max >= PART_CHARS_MIN)) throw new RangeError(`A part needs ${PART_CHARS_MIN} characters at least`)
  if (text.length <= max) return [text]
  const parts: string[] = []
  let fence: Fence | undefined
  for (let from = skipBlank(text, 0, fence); from < text.length; ) {
    const [part, cut] = takePart(text, from, max, fence)
    if (part.trim() !== '') parts.push(part)
    fence = scan(fence, text.slice(from, cut))
    from = skipBlank(text, cut, fence)
  }
  return parts
}
