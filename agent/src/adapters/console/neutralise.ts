/** Where the Unicode block begins that has a visible sign for each control character. */
const PICTURES = 0x2400
const DELETE = 0x7f
const DELETE_PICTURE = '\u2421'
const REPLACEMENT = '\uFFFD'

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g
/** They show what follows in another order than it is read in. */
const OVERRIDES = /[\u202a-\u202e]/g

const toVisible = (control: string): string => {
  const code = control.charCodeAt(0)
  if (code === DELETE) return DELETE_PICTURE
  return code < DELETE ? String.fromCharCode(PICTURES + code) : REPLACEMENT
}

/**
 * A text that a terminal only shows: nothing in it moves the cursor, colours, names the window or reaches the clipboard.
 * Line ends and tabs stay; other control characters become visible signs, so that what was tried can be read.
 */
export const neutralise = (text: string): string =>
  text
    .toWellFormed()
    .replace(/\r\n|[\u2028\u2029]/g, '\n')
    .replace(CONTROLS, toVisible)
    .replace(OVERRIDES, REPLACEMENT)
