/** What a person typed after an exclamation mark, taken apart. */
export interface CommandLine {
  /** The command's name in lower case, without the mark. */
  readonly name: string
  /** Words after it; what stood in quotes is one word. */
  readonly words: readonly CommandWord[]
  /** The whole line, for what takes free text. */
  readonly text: string
}

/** One word, and where it ends in the line, so that free text after it keeps its shape. */
export interface CommandWord {
  readonly text: string
  readonly end: number
}

/** Straight and typographic quotes: phones write the latter by themselves. */
const CLOSING: Readonly<Record<string, string>> = { '"': '"', "'": "'", '“': '”', '„': '“', '«': '»', '‘': '’' }
const NAME = /^!([\p{L}][\p{L}\p{N}-]*)(?=\s|$)/u

/**
 * Takes a message apart that is a command; undefined for one that is none. The
 * name must be a whole word: `!teams` is not `!team`, and `!!` or `!` alone is
 * what people write when they are surprised.
 */
export const parseCommandLine = (message: string): CommandLine | undefined => {
  const text = message.trim()
  const name = NAME.exec(text)?.[1]
  if (name === undefined) return undefined
  return { name: name.toLowerCase(), words: readWords(text, name.length + 1), text }
}

const readWords = (text: string, from: number): CommandWord[] => {
  const words: CommandWord[] = []
  let at = from
  for (;;) {
    while (at < text.length && /\s/.test(text.charAt(at))) at++
    if (at >= text.length) return words
    const word = readQuoted(text, at) ?? readPlain(text, at)
    words.push(word)
    at = word.end
  }
}

/** A word in quotes; one whose quote never closes is no quoted word. */
const readQuoted = (text: string, at: number): CommandWord | undefined => {
  const closing = CLOSING[text.charAt(at)]
  const end = closing === undefined ? -1 : text.indexOf(closing, at + 1)
  return end <= at + 1 ? undefined : { text: text.slice(at + 1, end), end: end + 1 }
}

const readPlain = (text: string, at: number): CommandWord => {
  let end = at
  while (end < text.length && !/\s/.test(text.charAt(end))) end++
  return { text: text.slice(at, end), end }
}

/** What follows the first `count` words, as it was written. */
export const readRest = ({ text, words, name }: CommandLine, count: number): string => {
  const end = count === 0 ? name.length + 1 : words[count - 1]?.end
  return end === undefined ? '' : text.slice(end).trim()
}
