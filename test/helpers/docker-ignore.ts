/** A rule of `.dockerignore`: what it matches is left out, or taken in again. */
interface Rule {
  readonly pattern: RegExp
  readonly takesIn: boolean
}

/** As Go's `filepath.Match`, with `**` for any number of folders: `*` and `?` stay within one name. */
const toPattern = (glob: string): RegExp => {
  const source = glob
    .split('/')
    .map((name) =>
      name === '**'
        ? '**'
        : name
            .replace(/[.+^${}()|\\]/g, '\\$&')
            .replaceAll('*', '[^/]*')
            .replaceAll('?', '[^/]'),
    )
    .join('/')
    .replaceAll('**/', '(?:.*/)?')
    .replaceAll('/**', '/.*')
  // What lies below something that matches is matched with it
  return new RegExp(`^${source}(?:/.*)?$`)
}

const toRule = (line: string): Rule => {
  const takesIn = line.startsWith('!')
  return { pattern: toPattern(line.replace(/^!/, '').replace(/^\/|\/$/g, '')), takesIn }
}

/** Reads `.dockerignore` as Docker does: whether a path from its folder goes into the build; the last rule that matches wins. */
export const readDockerIgnore = (text: string): ((path: string) => boolean) => {
  const rules = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(toRule)
  return (path) => rules.findLast(({ pattern }) => pattern.test(path))?.takesIn ?? true
}
