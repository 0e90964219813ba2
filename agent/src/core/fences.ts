/** A code block that is open, as Markdown knows it. */
export interface Fence {
  /** The line that closes it. */
  readonly closing: string
  /** The line that begins it anew in another message. */
  readonly opening: string
}

/** Longest row of backticks or tildes that is taken for a fence; nobody needs a longer one. */
const MARKER_CHARS_MAX = 10
/** Longest name of a language that is repeated, in UTF-16 units. */
const LANGUAGE_CHARS_MAX = 20

const OPENING = /^ {0,3}(?<marker>`{3,}|~{3,})(?<info>.*)$/
const CLOSING = /^ {0,3}(?<marker>`{3,}|~{3,})[ \t\r]*$/

const findOpening = (line: string): Fence | undefined => {
  const { marker = '', info = '' } = OPENING.exec(line)?.groups ?? {}
  if (marker === '' || marker.length > MARKER_CHARS_MAX) return undefined
  // `code` in a line of text is no block
  if (marker.startsWith('`') && info.includes('`')) return undefined
  const [language = ''] = info.trim().split(/\s/)
  return { closing: marker, opening: `${marker}${language.length > LANGUAGE_CHARS_MAX ? '' : language}` }
}

const isClosed = (fence: Fence, line: string): boolean =>
  CLOSING.exec(line)?.groups?.['marker']?.startsWith(fence.closing) ?? false

/**
 * The code block that is open after a line; the very same object while nothing changes.
 *
 * @see https://spec.commonmark.org/0.31.2/#fenced-code-blocks
 */
export const toFenceAfter = (fence: Fence | undefined, line: string): Fence | undefined => {
  if (fence === undefined) return findOpening(line)
  return isClosed(fence, line) ? undefined : fence
}
