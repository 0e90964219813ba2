import { decodeEscapes } from './decode-runs.ts'
import { stripInvisible } from './fold.ts'
import { FormTree } from './form-tree.ts'
import { squeeze, toSecretForms } from './secret-forms.ts'

/** What must stay here. */
export interface Secrets {
  /** The random word of the system prompt that no answer may hold. */
  readonly canary?: string | undefined
  /** The exact secrets of this process. */
  readonly secrets?: readonly string[] | undefined
}

/** Secrets shorter than this are words of any text, and are not looked for. */
const SECRET_CHARS_MIN = 8

/** The readings of a text in which a secret is looked for. */
interface Readings {
  readonly exact: readonly string[]
  readonly squeezed: readonly string[]
}

const toReadings = (text: string): Readings => {
  const shown = stripInvisible(text).normalize('NFKC')
  const exact = new Set([text, shown, decodeEscapes(shown) ?? shown])
  return {
    exact: [...new Set([...exact, ...[...exact].map((reading) => reading.replace(/\s+/g, ''))])],
    squeezed: [...new Set([...exact].map(squeeze))],
  }
}

/** Some secrets, in all their forms. */
class Forms {
  readonly #exact: FormTree
  readonly #squeezed: FormTree

  constructor(secrets: readonly string[]) {
    const forms = secrets.map(toSecretForms)
    this.#exact = new FormTree(forms.flatMap(({ exact }) => exact))
    this.#squeezed = new FormTree(forms.flatMap(({ squeezed }) => squeezed))
  }

  areIn({ exact, squeezed }: Readings): boolean {
    return exact.some((text) => this.#exact.isIn(text)) || squeezed.some((text) => this.#squeezed.isIn(text))
  }
}

/** A character that counts, written in one of the ways that are resolved, or as it is. */
const UNIT =
  /%[0-9a-f]{2}|&#(?:[0-9]{1,7}|x[0-9a-f]{1,6});?|\\u\{[0-9a-f]{1,6}\}|\\u[0-9a-f]{4}|\\U[0-9a-f]{8}|\\x[0-9a-f]{2}|[uU]\+[0-9a-f]{4,6}|=[0-9A-F]{2}|[a-z0-9]/gi

/** Where the last so many letters and digits of a text begin; an escape is one of them at most. */
const beginOfLast = (text: string, letters: number): number => {
  if (letters === 0) return text.length
  const begins: number[] = []
  for (const { index, 0: unit } of text.matchAll(UNIT)) {
    if (unit.length === 1 || /[a-z0-9]/i.test(decodeEscapes(unit) ?? '')) begins.push(index)
  }
  return begins.at(-letters) ?? 0
}

/** Looks for secrets in texts, whole ones and such that still grow. */
export class SecretWatch {
  readonly #canary: Forms
  readonly #secrets: Forms
  /** All forms, squeezed: what a growing text may still become. */
  readonly #open: FormTree

  constructor({ canary, secrets = [] }: Secrets) {
    const canaries = canary === undefined ? [] : [canary].filter(isLong)
    const others = secrets.filter(isLong)
    this.#canary = new Forms(canaries)
    this.#secrets = new Forms(others)
    const forms = [...canaries, ...others].map(toSecretForms)
    this.#open = new FormTree(forms.flatMap(({ exact, squeezed }) => [...exact.map(squeeze), ...squeezed]))
  }

  /** The rule that a text breaks. */
  find(text: string): 'output.canary' | 'output.secret' | undefined {
    const readings = toReadings(text)
    if (this.#canary.areIn(readings)) return 'output.canary'
    return this.#secrets.areIn(readings) ? 'output.secret' : undefined
  }

  /** From where on the end of a text may be the beginning of a secret, in whatever form. */
  openAt(text: string): number {
    const letters = toReadings(text).squeezed.map((reading) => reading.length - this.#open.openAt(reading))
    return beginOfLast(text, Math.max(...letters))
  }
}

const isLong = (secret: string): boolean => secret.length >= SECRET_CHARS_MIN
