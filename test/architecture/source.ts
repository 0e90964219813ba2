import { posix } from 'node:path'
import { readTokens, type Token } from './tokens.ts'

/** One module named in an import, an export-from, an `import()` or an `import()` type. */
export interface Import {
  /** Undefined when it is computed and so cannot be known. */
  readonly specifier: string | undefined
  readonly line: number
}

/** One file of the workspace as the rules see it. */
export interface Source {
  /** From the workspace's root, with forward slashes. */
  readonly path: string
  readonly tokens: readonly Token[]
  readonly imports: readonly Import[]
}

const isSign = (token: Token | undefined, text: string) => token?.kind === 'sign' && token.text === text
const isWord = (token: Token | undefined, text: string) => token?.kind === 'word' && token.text === text

/** The module after `from`, looked for up to where the clause must have ended. */
const findFrom = (tokens: readonly Token[], start: number): Token | undefined => {
  for (let at = start; at < tokens.length; at++) {
    const token = tokens[at]
    if (isWord(token, 'from') && tokens[at + 1]?.kind === 'string') return tokens[at + 1]
    const isPart = token?.kind === 'word' || ['{', '}', ',', '*'].some((sign) => isSign(token, sign))
    if (!isPart) return undefined
    // `export { one }` without a module ends at its brace
    if (isSign(token, '}') && !isWord(tokens[at + 1], 'from')) return undefined
  }
  return undefined
}

const readImports = (tokens: readonly Token[]): Import[] =>
  tokens.flatMap((token, at): Import[] => {
    const isName = isSign(tokens[at - 1], '.')
    const next = tokens[at + 1]
    if (isName || next === undefined) return []
    const { line } = token
    if (isWord(token, 'import')) {
      if (next.kind === 'string') return [{ specifier: next.text, line }]
      if (isSign(next, '.')) return []
      if (isSign(next, '(')) {
        const given = tokens[at + 2]
        return [{ specifier: given?.kind === 'string' ? given.text : undefined, line }]
      }
      const from = findFrom(tokens, at + 1)
      return from === undefined ? [] : [{ specifier: from.text, line }]
    }
    const mayReExport = isSign(next, '{') || isSign(next, '*') || isWord(next, 'type')
    if (!isWord(token, 'export') || !mayReExport) return []
    const from = findFrom(tokens, at + 1)
    return from === undefined ? [] : [{ specifier: from.text, line }]
  })

/** Reads a file's text into what the rules look at. */
export const readSource = (path: string, text: string): Source => {
  const tokens = readTokens(text)
  return { path, tokens, imports: readImports(tokens) }
}

/** Where a relative import leads, from the workspace's root; undefined for a package. */
export const toTarget = (source: Source, specifier: string): string | undefined =>
  specifier.startsWith('.') ? posix.join(posix.dirname(source.path), specifier) : undefined

/** The package's own name in a specifier: `@scope/name` or `name`, without a path below it. */
export const toPackageName = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

/** Whether a file only serves tests. */
export const isTestFile = ({ path }: Source): boolean =>
  path.startsWith('test/') || /\.(?:test|fixture)\.ts$/.test(path) || path.includes('/test-support/')

/** Whether a token is a member of something, such as `now` in `clock.now`; members of `globalThis` are the globals themselves. */
const isMember = (tokens: readonly Token[], at: number) =>
  isSign(tokens[at - 1], '.') && !isWord(tokens[at - 2], 'globalThis')

/** Lines on which a phrase stands, such as `Date . now`; its parts are divided by blanks. */
export const findPhrase = ({ tokens }: Source, phrase: string): number[] => {
  const parts = phrase.split(' ')
  return tokens.flatMap((token, at) => {
    const stands = parts.every((part, offset) => {
      const found = tokens[at + offset]
      return found?.text === part && (found.kind === 'word' || found.kind === 'sign')
    })
    return stands && !isMember(tokens, at) ? [token.line] : []
  })
}
