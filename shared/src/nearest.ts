/**
 * Edit distance between two words where a swap of neighbours counts as one
 * edit (optimal string alignment), or `limit + 1` as soon as it must be larger.
 *
 * @see https://en.wikipedia.org/wiki/Damerau–Levenshtein_distance#Optimal_string_alignment_distance
 */
const editDistance = (left: string, right: string, limit: number): number => {
  if (Math.abs(left.length - right.length) > limit) return limit + 1
  let beforePrevious: number[] = []
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1]
      let cost = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      )
      const swapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      if (swapped) cost = Math.min(cost, (beforePrevious[column - 2] ?? 0) + 1)
      current.push(cost)
    }
    if (Math.min(...current) > limit) return limit + 1
    beforePrevious = previous
    previous = current
  }
  return previous[right.length] ?? limit + 1
}

/** Most candidates that are compared letter by letter, so that a bad name costs little on a large hub. */
const COMPARED_MAX = 2_000

/**
 * The candidates that look most like `word`, nearest first: those that begin
 * with it, or are at most a third of its length (but at least one edit) away.
 * Compare like with like: fold the case before.
 *
 * @param most how many at most
 */
export const findNearest = (word: string, candidates: Iterable<string>, most = 3): string[] => {
  const limit = Math.max(1, Math.min(4, Math.floor(word.length / 3)))
  const near: { candidate: string; distance: number }[] = []
  let compared = 0
  for (const candidate of candidates) {
    if (++compared > COMPARED_MAX) break
    const begins = word.length >= 3 && candidate.startsWith(word)
    const distance = begins ? 0.5 : editDistance(word, candidate, limit)
    if (distance <= limit) near.push({ candidate, distance })
  }
  return near
    .sort((one, other) => one.distance - other.distance)
    .slice(0, most)
    .map(({ candidate }) => candidate)
}
