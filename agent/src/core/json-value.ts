/** The value that a text says in JSON; undefined when it is none, which no JSON says. */
export const findJsonValue = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    // whoever asks for a shape sees that undefined has none
    return undefined
  }
}
