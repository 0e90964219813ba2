import type { ToolCall } from '../ports.ts'

/** Values of one call that are read, and characters of all its texts together. */
const VALUES_MAX = 10_000
const CHARS_MAX = 262_144

/**
 * All that a call says, as one text: its values in order, so that one that was divided is whole again, and behind them the
 * names that it made up. Undefined when it says more than anybody needs.
 */
export const readCall = ({ tool, input }: ToolCall): string | undefined => {
  const names = [tool]
  const texts: string[] = []
  const pending: unknown[] = [input]
  let chars = 0
  for (let count = 0; pending.length > 0; count += 1) {
    const value = pending.pop()
    if (typeof value === 'object' && value !== null) {
      if (!Array.isArray(value)) names.push(...Object.keys(value).slice(0, VALUES_MAX))
      pending.push(...Object.values(value).slice(0, VALUES_MAX).toReversed())
    } else {
      texts.push(String(value))
      chars += texts.at(-1)?.length ?? 0
    }
    if (count + pending.length + names.length > VALUES_MAX || chars > CHARS_MAX) return undefined
  }
  const text = [...texts, ...names].join('\n')
  return text.length > 2 * CHARS_MAX ? undefined : text
}
