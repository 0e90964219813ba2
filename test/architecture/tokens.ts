/** A piece of TypeScript that means something; comments and white space are left out. */
export interface Token {
  readonly kind: 'word' | 'string' | 'template' | 'regex' | 'sign'
  /** A string's content without its quotes; nothing of a template's or pattern's text. */
  readonly text: string
  readonly line: number
}

const SPACE = /\s+/y
const LINE_COMMENT = /\/\/[^\n]*/y
const BLOCK_COMMENT = /\/\*[\s\S]*?\*\//y
const WORD = /#?[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/uy
const NUMBER = /\d[\w.]*/y
const STRING = /'((?:[^'\\\n]|\\[\s\S])*)'|"((?:[^"\\\n]|\\[\s\S])*)"/y
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y
const TEMPLATE_TEXT = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/y

/** After these words a slash begins a pattern; after any other word it divides. */
const BEFORE_PATTERN = new Set(['return', 'typeof', 'case', 'in', 'of', 'void', 'await', 'yield', 'else', 'do'])

/** Cuts a source into tokens, exactly enough to find imports and words: strings, templates, patterns and comments are told apart. */
export const readTokens = (source: string): Token[] => {
  const tokens: Token[] = []
  /** Depth of braces inside each `${` that is open. */
  const holes: number[] = []
  let at = 0
  let line = 1

  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const found = pattern.exec(source)
    if (found !== null) at += found[0].length
    return found
  }
  const push = (kind: Token['kind'], text: string, whole: string) => {
    tokens.push({ kind, text, line })
    line += whole.split('\n').length - 1
  }
  const mayBeginPattern = (): boolean => {
    const last = tokens.at(-1)
    if (last === undefined) return true
    if (last.kind === 'word') return BEFORE_PATTERN.has(last.text)
    return last.kind === 'sign' && last.text !== ')' && last.text !== ']' && last.text !== '}'
  }
  /** Reads a template's text up to its end or its next hole. */
  const readTemplate = () => {
    const text = match(TEMPLATE_TEXT)?.[0] ?? ''
    push('template', '', text)
    if (source.startsWith('${', at)) {
      at += 2
      holes.push(0)
    } else {
      at += 1
    }
  }

  while (at < source.length) {
    const skipped = match(SPACE) ?? match(LINE_COMMENT) ?? match(BLOCK_COMMENT)
    if (skipped !== null) {
      line += skipped[0].split('\n').length - 1
      continue
    }
    const word = match(WORD) ?? match(NUMBER)
    if (word !== null) {
      push('word', word[0], '')
      continue
    }
    const text = match(STRING)
    if (text !== null) {
      push('string', text[1] ?? text[2] ?? '', text[0])
      continue
    }
    if (source[at] === '/' && mayBeginPattern() && match(REGEX) !== null) {
      push('regex', '', '')
      continue
    }
    const sign = source[at] ?? ''
    at += 1
    const hole = holes.at(-1)
    if (sign === '`') {
      readTemplate()
    } else if (sign === '}' && hole === 0) {
      holes.pop()
      readTemplate()
    } else {
      if (hole !== undefined && sign === '{') holes[holes.length - 1] = hole + 1
      if (hole !== undefined && sign === '}') holes[holes.length - 1] = hole - 1
      push('sign', sign, '')
    }
  }
  return tokens
}
