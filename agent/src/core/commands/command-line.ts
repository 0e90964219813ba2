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
  /** Whether it stood in quotes, and so is a name and no word of a command. */
  readonly isQuoted: boolean
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
  const unclosed = new Set<string>()
  let at = from
  for (;;) {
    while (at < text.length && /\s/.test(text.charAt(at))) at++
    if (at >= text.length) return words
    const word = readQuoted(text, at, unclosed) ?? readPlain(text, at)
    words.push(word)
    at = word.end
  }
}

/**
 * A word in quotes; one whose quote never closes is no quoted word.
 *
 * @param unclosed marks that do not come any more, so that a text full of open quotes is not searched for each of them
 */
const readQuoted = (text: string, at: number, unclosed: Set<string>): CommandWord | undefined => {
  const closing = CLOSING[text.charAt(at)]
  if (closing === undefined || unclosed.has(closing)) return undefined
  const end = text.indexOf(closing, at + 1)
  if (end < 0) unclosed.add(closing)
  return end <= at + 1 ? undefined : { text: text.slice(at + 1, end), end: end + 1, isQuoted: true }
}

const readPlain = (text: string, at: number): CommandWord => {
  let end = at
  while (end < text.length && !/\s/.test(text.charAt(end))) end++
  return { text: text.slice(at, end), end, isQuoted: false }
}

/** A name in quotes that it does not close itself, so that it is read as one word; undefined where it closes all of them. */
export const quoteName = (name: string): string | undefined => {
  const pair = Object.entries(CLOSING).find(([, closing]) => !name.includes(closing))
  return pair && `${pair[0]}${name}${pair[1]}`
}

/** What follows the first `count` words, as it was written. */
export const readRest = ({ text, words, name }: CommandLine, count: number): string => {
  const end = count === 0 ? name.length + 1 : words[count - 1]?.end
  return end === undefined ? '' : text.slice(end).trim()
}

/** What follows a word, as it was written; a colon right behind a name is none of it. */
export const readAfterWord = ({ text }: Pick<CommandLine, 'text'>, { end, isQuoted }: CommandWord): string =>
  text.slice(isQuoted && text.charAt(end) === ':' ? end + 1 : end).trim()
