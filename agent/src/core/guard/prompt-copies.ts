const WORD = /[\p{L}\p{N}]+/gu
/** Words in a row that nobody writes twice by chance. */
const RUN_WORDS = 8
/** Words in such rows from which on a text is a copy; a sentence about oneself has fewer. */
const COPIED_WORDS_MAX = 40

const toWords = (text: string): readonly string[] => text.normalize('NFKC').toLowerCase().match(WORD) ?? []
const toRuns = (words: readonly string[]): readonly string[] =>
  words.slice(RUN_WORDS - 1).map((_, at) => words.slice(at, at + RUN_WORDS).join(' '))

/** Recognizes copies of the instructions of a model, word for word, however they are set and divided. */
export class PromptCopies {
  readonly #runs: ReadonlySet<string>

  /** @param known what anybody may read of them, such as the name and the skills of the agent */
  constructor(system: string, known: readonly string[]) {
    const runs = new Set(toRuns(toWords(system)))
    for (const run of known.flatMap((text) => toRuns(toWords(text)))) runs.delete(run)
    this.#runs = runs
  }

  /** Reads a text that may still grow. */
  read(): CopyReader {
    return new CopyReader(this.#runs)
  }

  /** Whether a text holds much of them. */
  areIn(text: string): boolean {
    return this.read().add(text)
  }
}

/** Counts the words of one text that are copied. */
export class CopyReader {
  readonly #runs: ReadonlySet<string>
  readonly #found = new Set<string>()
  #last: readonly string[] = []
  /** Words since the end of the last run that was found. */
  #since = RUN_WORDS
  #copied = 0

  constructor(runs: ReadonlySet<string>) {
    this.#runs = runs
  }

  /** Reads on; tells whether what has been read is a copy. */
  add(text: string): boolean {
    for (const word of this.#runs.size === 0 ? [] : toWords(text)) {
      this.#last = [...this.#last.slice(1 - RUN_WORDS), word]
      this.#since = Math.min(RUN_WORDS, this.#since + 1)
      const run = this.#last.join(' ')
      if (!this.#runs.has(run) || this.#found.has(run)) continue
      this.#found.add(run)
      this.#copied += this.#since
      this.#since = 0
    }
    return this.#copied >= COPIED_WORDS_MAX
  }
}
