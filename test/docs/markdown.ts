/** The part of a document below a heading of the second level. */
const readSection = (text: string, heading: string): string => {
  const start = text.indexOf(`\n## ${heading}\n`)
  if (start < 0) throw new Error(`There is no heading "${heading}"`)
  const end = text.indexOf('\n## ', start + 1)
  return text.slice(start, end < 0 ? undefined : end)
}

const readCells = (line: string): string[] =>
  line
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('`', ''))

/**
 * The rows of a table without its head, cells without blanks and backticks.
 *
 * @param place which table of the section, from 0
 * @throws {Error} when the section or the table is missing
 */
export const readTable = (text: string, heading: string, place = 0): string[][] => {
  const tables = readSection(text, heading)
    .split(/\n(?!\|)/)
    .map((block) => block.split('\n').filter((line) => line.startsWith('|')))
    .filter((lines) => lines.length > 2)
  const lines = tables[place]
  if (lines === undefined) throw new Error(`There is no table ${place} below "${heading}"`)
  return lines.slice(2).map(readCells)
}

/** The JSON values of a fence: one over all of its lines, or one a line. */
const readFence = (body: string): unknown[] => {
  const lines = body.trim().split('\n')
  const isOneALine = lines.every((line) => line.startsWith('{') && line.endsWith('}'))
  return isOneALine ? lines.map((line): unknown => JSON.parse(line)) : [JSON.parse(body)]
}

/** Every JSON value that is shown in a fence of JSON. */
export const readExamples = (text: string): unknown[] =>
  [...text.matchAll(/^```json\n([\s\S]*?)^```$/gm)].flatMap(([, body = '']) => readFence(body))
