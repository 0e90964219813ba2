import type { Rule } from './import-rules.ts'
import { isTestFile, type Source, toTarget } from './source.ts'

const DOOR = /^@ai-comms\/(\w+)$/

/** The file that an import leads to, or undefined for what is not ours. */
const toFile = (source: Source, specifier: string): string | undefined => {
  const door = DOOR.exec(specifier)?.[1]
  return door === undefined ? toTarget(source, specifier) : `${door}/src/index.ts`
}

/** No file imports itself by way of others, types included. Each cycle is told once, from its first file on. */
export const importsAreNoCircle: Rule = (sources) => {
  const byPath = new Map(sources.filter((source) => !isTestFile(source)).map((source) => [source.path, source]))
  const done = new Set<string>()
  const found: string[] = []

  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path)
    if (at >= 0) found.push([...trail.slice(at), path].join(' → '))
    const source = byPath.get(path)
    if (at >= 0 || done.has(path) || source === undefined) return
    for (const { specifier } of source.imports) {
      const target = specifier === undefined ? undefined : toFile(source, specifier)
      if (target !== undefined) visit(target, [...trail, path])
    }
    done.add(path)
  }
  for (const path of [...byPath.keys()].sort()) visit(path, [])
  return found
}
