/** Most places at which an object or list is looked for; a text with more is no answer to our question. */
const STARTS_MAX = 64
/** Longest answer that is looked into, in UTF-16 units: twenty steps of the longest kind, and as much around them. */
const CHARS_MAX = 500_000
/** What a thinking model leaves in the text where its server has no better place for it. */
const THOUGHTS = /<(think|thinking|reasoning)>[\s\S]*?<\/\1>/gi

/** Where the object or list that begins at `start` ends, or -1. */
const findEnd = (text: string, start: number): number => {
  let depth = 0
  let isInString = false
  for (let at = start; at < text.length; at++) {
    const char = text[at]
    if (isInString) {
      if (char === '\\') at += 1
      else if (char === '"') isInString = false
    } else if (char === '"') isInString = true
    else if (char === '{' || char === '[') depth += 1
    else if (char === '}' || char === ']') {
      depth -= 1
      if (depth === 0) return at + 1
    }
  }
  return -1
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    // prose in brackets, or a slip of the model; the next place may do
    return undefined
  }
}

/**
 * Every JSON object and list that stands in a model's answer, in order, whatever stands around them: prose, code fences,
 * thoughts. What lies inside of another one is not told again.
 */
export const findJson = (answer: string): unknown[] => {
  const text = answer.slice(0, CHARS_MAX).replaceAll(THOUGHTS, '')
  const found: unknown[] = []
  let from = 0
  for (let count = 0; count < STARTS_MAX; count++) {
    const offset = text.slice(from).search(/[{[]/)
    if (offset < 0) break
    const start = from + offset
    const end = findEnd(text, start)
    const value = end < 0 ? undefined : parse(text.slice(start, end))
    if (value !== undefined) found.push(value)
    from = value === undefined ? start + 1 : end
  }
  return found
}
