import { StringDecoder } from 'node:string_decoder'

/** What came of reading a line. */
export type Line = { readonly text: string } | { readonly tooLong: true }

/**
 * The lines of a stream, as they are asked for; the last one needs no line end. Of a line that is longer than the bound
 * nothing is kept, so that a stream without line ends cannot fill the memory.
 *
 * @param charsMax in UTF-16 units
 */
export async function* readLines(input: AsyncIterable<Buffer | string>, charsMax: number): AsyncGenerator<Line> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let isTooLong = false
  const finish = (text: string): Line => {
    const tooLong = isTooLong || text.length > charsMax
    isTooLong = false
    return tooLong ? { tooLong } : { text: text.replace(/\r$/, '') }
  }
  for await (const chunk of input) {
    const lines = (rest + (typeof chunk === 'string' ? chunk : decoder.write(chunk))).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield finish(line)
    if (rest.length > charsMax) {
      isTooLong = true
      rest = ''
    }
  }
  rest += decoder.end()
  if (rest !== '' || isTooLong) yield finish(rest)
}
