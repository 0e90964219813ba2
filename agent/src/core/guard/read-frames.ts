import { OPEN_FRAME, toExplanations } from './frame-untrusted.ts'

/** A text, apart from what it passes on of others. */
export interface Framed {
  /** What its sender says. */
  readonly outside: string
  /** What stands in whole frames, one after the other; empty where there are none. */
  readonly inside: string
}

/** Openings of frames that are looked at in one text. */
const FRAMES_MAX = 64
/** Frames within frames that are read. */
const DEPTH_MAX = 3
/** An opening is shorter than this. */
const OPENING_CHARS_MAX = 512

interface Frame {
  readonly inner: string
  readonly to: number
}

const readFrame = (text: string, from: number): Frame | undefined => {
  const [line, delimiter] = OPEN_FRAME.exec(text.slice(from, from + OPENING_CHARS_MAX)) ?? []
  if (line === undefined || delimiter === undefined) return undefined
  const begin = from + line.length
  const mark = `\n${text[from]}/untrusted ${delimiter}>`
  // the line break of an empty frame is that of its opening
  const end = text.indexOf(mark, begin - 1)
  if (end < 0) return undefined
  const behind = end + mark.length
  const said = toExplanations(delimiter).find((sentence) => text.startsWith(`\n${sentence}`, behind))
  return { inner: text.slice(begin, end), to: said === undefined ? behind : behind + 1 + said.length }
}

/**
 * Takes whole frames out of a text: what another agent passes on is no word of its own, and the marks around it are no
 * attack. A mark that belongs to no whole frame stays where it is.
 */
export const readFrames = (text: string, depth = 0): Framed => {
  // within a frame no `<` is left
  const sign = depth === 0 ? '<untrusted ' : '‹untrusted '
  const inside: string[] = []
  let [outside, done] = ['', 0]
  let at = text.indexOf(sign)
  for (let tried = 0; at >= 0 && tried < FRAMES_MAX; tried += 1) {
    const frame = readFrame(text, at)
    if (frame !== undefined) {
      outside += text.slice(done, at)
      done = frame.to
      const inner = depth < DEPTH_MAX ? readFrames(frame.inner, depth + 1) : { outside: frame.inner, inside: '' }
      inside.push(inner.outside, inner.inside)
    }
    at = text.indexOf(sign, frame?.to ?? at + 1)
  }
  return { outside: outside + text.slice(done), inside: inside.filter((part) => part !== '').join('\n\n') }
}
