/**
 * A text of at most so many UTF-16 units, and how much of it is missing where that was too few; no character is cut in two.
 *
 * @param charsMax of what is kept; the line that says how much is missing comes on top of it
 */
export const cutText = (text: string, charsMax: number): string => {
  if (text.length <= charsMax) return text
  // no half of a surrogate pair
  const kept = text.slice(0, charsMax).replace(/[\uD800-\uDBFF]$/, '')
  return `${kept}\n[… ${text.length - kept.length} characters left out]`
}
