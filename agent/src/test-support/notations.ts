/** A way to write a sentence so that a filter does not read it and a model may. */
export interface Notation {
  readonly name: string
  readonly text: string
}

const bytesOf = (text: string): number[] => [...Buffer.from(text)]
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const reverse = (text: string): string => [...text].reverse().join('')
const inBase = (base: number, digits: number) => (byte: number) => byte.toString(base).padStart(digits, '0')
const words = (text: string, write: (word: string) => string): string => text.split(' ').map(write).join(' ')
const apart = (text: string, sign: string, gap: string): string =>
  text
    .split(' ')
    .map((word) => [...word].join(sign))
    .join(gap)
const swap = (text: string, from: string, to: string): string => {
  const others = [...to]
  return [...text].map((letter) => others[from.indexOf(letter)] ?? letter).join('')
}
const shift = (text: string, by: number): string =>
  text.replace(/[a-z]/gi, (c) => {
    const first = c < 'a' ? 65 : 97
    return String.fromCharCode(first + ((c.charCodeAt(0) - first + by) % 26))
  })
const style = (text: string, upper: number, lower: number): string =>
  text.replace(/[a-z]/gi, (c) =>
    String.fromCodePoint(c < 'a' ? upper + c.charCodeAt(0) - 65 : lower + c.charCodeAt(0) - 97),
  )
const base32 = (text: string): string => {
  const bits = bytesOf(text).map(inBase(2, 8)).join('')
  const digits = bits.match(/.{1,5}/g) ?? []
  return digits.map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five.padEnd(5, '0'), 2)]).join('')
}
const MORSE =
  '.- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --..'.split(
    ' ',
  )
const morse = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z ]/g, '')
    .split(' ')
    .map((word) => [...word].map((letter) => MORSE[letter.charCodeAt(0) - 97]).join(' '))
    .join(' / ')
const scramble = (text: string): string =>
  text.replace(/[a-z]{4,}/gi, (word) => `${word[0]}${reverse(word.slice(1, -1))}${word.at(-1)}`)
const pigLatin = (word: string): string => {
  const at = Math.max(0, word.search(/[aeiou]/i))
  return `${word.slice(at)}${word.slice(0, at)}ay`
}
const everySecond = (text: string, write: (letter: string) => string): string =>
  [...text].map((letter, at) => (at % 2 === 0 ? letter : write(letter))).join('')

const WAYS: { readonly [name: string]: (text: string) => string } = {
  base64,
  'base64 twice': (text) => base64(base64(text)),
  'base64 thrice': (text) => base64(base64(base64(text))),
  base64url: (text) => Buffer.from(text).toString('base64url'),
  'base64 in lines': (text) => base64(text).replace(/.{20}/g, '$&\n'),
  'base64 of UTF-16': (text) => Buffer.from(text, 'utf16le').toString('base64'),
  'base64 in a sentence': (text) => `Decode ${base64(text)} and do what it says.`,
  'base64 reversed': (text) => base64(reverse(text)),
  base32,
  hex: (text) => Buffer.from(text).toString('hex'),
  'hex pairs': (text) => bytesOf(text).map(inBase(16, 2)).join(' '),
  'hex with 0x': (text) =>
    bytesOf(text)
      .map((byte) => `0x${inBase(16, 2)(byte)}`)
      .join(', '),
  'hex with colons': (text) => bytesOf(text).map(inBase(16, 2)).join(':'),
  'hex in base64': (text) => base64(Buffer.from(text).toString('hex')),
  binary: (text) => bytesOf(text).map(inBase(2, 8)).join(' '),
  'binary in one run': (text) => bytesOf(text).map(inBase(2, 8)).join(''),
  decimal: (text) => bytesOf(text).join(' '),
  'decimal with commas': (text) => bytesOf(text).join(', '),
  octal: (text) => bytesOf(text).map(inBase(8, 3)).join(' '),
  '\\ooo': (text) =>
    bytesOf(text)
      .map((byte) => `\\${inBase(8, 3)(byte)}`)
      .join(''),
  '\\x': (text) =>
    bytesOf(text)
      .map((byte) => `\\x${inBase(16, 2)(byte)}`)
      .join(''),
  '\\u': (text) =>
    bytesOf(text)
      .map((byte) => `\\u${inBase(16, 4)(byte)}`)
      .join(''),
  'U+': (text) =>
    bytesOf(text)
      .map((byte) => `U+${inBase(16, 4)(byte)}`)
      .join(' '),
  percent: (text) =>
    bytesOf(text)
      .map((byte) => `%${inBase(16, 2)(byte)}`)
      .join(''),
  entities: (text) =>
    bytesOf(text)
      .map((byte) => `&#${byte};`)
      .join(''),
  'entities in hex': (text) =>
    bytesOf(text)
      .map((byte) => `&#x${inBase(16, 2)(byte)};`)
      .join(''),
  'quoted-printable': (text) =>
    bytesOf(text)
      .map((byte) => `=${inBase(16, 2)(byte).toUpperCase()}`)
      .join(''),
  morse,
  'zero-width characters': (text) => [...text].join('\u200b'),
  'word joiners': (text) => [...text].join('\u2060'),
  'soft hyphens': (text) => [...text].join('\u00ad'),
  tags: (text) =>
    `Hello ${bytesOf(text)
      .map((byte) => String.fromCodePoint(0xe0000 + byte))
      .join('')}`,
  'variation selectors': (text) =>
    `😀${bytesOf(text)
      .map((byte) => String.fromCodePoint(0xe0100 + byte - 16))
      .join('')}`,
  'bidi override': (text) => `\u202e${reverse(text)}\u202c`,
  reversed: reverse,
  'words reversed': (text) => words(text, reverse),
  'words in reverse order': (text) => text.split(' ').reverse().join(' '),
  rot13: (text) => shift(text, 13),
  'shift by three': (text) => shift(text, 3),
  'shift by twenty': (text) => shift(text, 20),
  atbash: (text) => text.replace(/[a-z]/gi, (c) => String.fromCharCode((c < 'a' ? 155 : 219) - c.charCodeAt(0))),
  fullwidth: (text) => text.replace(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)),
  bold: (text) => style(text, 0x1d400, 0x1d41a),
  'bold script': (text) => style(text, 0x1d4d0, 0x1d4ea),
  'sans-serif': (text) => style(text, 0x1d5a0, 0x1d5ba),
  monospace: (text) => style(text, 0x1d670, 0x1d68a),
  circled: (text) => style(text, 0x24b6, 0x24d0),
  squared: (text) => style(text.toUpperCase(), 0x1f130, 0x1f130),
  'regional indicators': (text) => words(text.toUpperCase(), (word) => style([...word].join(' '), 0x1f1e6, 0x1f1e6)),
  'small capitals': (text) => swap(text.toLowerCase(), 'abcdefghijklmnoprstuvwyz', 'ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ'),
  'struck out': (text) => text.replace(/[a-z]/gi, '$&\u0336'),
  'piled marks': (text) => text.replace(/[a-z]/gi, '$&\u0301\u0316\u0323'),
  'Cyrillic letters': (text) => swap(text, 'aceopxyi', 'асеорхуі'),
  'Greek letters': (text) => swap(text, 'aeiopt', 'αειορτ'),
  leet: (text) => swap(text.toLowerCase(), 'aeiost', '431057'),
  'leet signs': (text) => swap(text.toLowerCase(), 'aeios', '@3!0$'),
  'letters apart': (text) => apart(text, ' ', '   '),
  dots: (text) => apart(text, '.', ' '),
  hyphens: (text) => apart(text, '-', ' '),
  underscores: (text) => apart(text, '_', ' '),
  asterisks: (text) => apart(text, '*', ' '),
  'letter by line': (text) => apart(text, '\n', '\n\n'),
  'pieces put together': (text) => text.replace(/([a-z]{3})([a-z]{2,})/gi, "$1' + '$2"),
  'no gaps': (text) => text.replaceAll(' ', ''),
  'no gaps but capitals': (text) =>
    words(text, (word) => `${(word[0] ?? '').toUpperCase()}${word.slice(1)}`).replaceAll(' ', ''),
  'underscores for gaps': (text) => text.replaceAll(' ', '_'),
  'scrambled words': scramble,
  'pig latin': (text) => words(text.toLowerCase().replace(/[^a-z ]/g, ''), pigLatin),
  'capitals here and there': (text) => everySecond(text, (letter) => letter.toUpperCase()),
}

/** Those that everybody knows. */
export const WELL_KNOWN: ReadonlySet<string> = new Set([
  ...[
    'base64',
    'hex',
    'binary',
    'morse',
    'rot13',
    'reversed',
    'leet',
    'letters apart',
    'zero-width characters',
    'fullwidth',
  ],
])

/** A sentence in every notation. */
export const writeNotations = (text: string): Notation[] =>
  Object.entries(WAYS).map(([name, write]) => ({ name, text: write(text) }))
