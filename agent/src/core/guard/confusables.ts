/** Letters of other alphabets by the Latin letter they are read as. */
const LOOK_ALIKES: { readonly [latin: string]: string } = {
  a: 'аɑα∂ᴀ∀',
  b: 'ьʙвβƅᏏ',
  c: 'сϲᴄƈ',
  d: 'ԁɗᴅժ',
  e: 'еҽᴇεɛɘ℮',
  f: 'ꜰƒғϝ',
  g: 'ɡɢցԍ',
  h: 'һнʜհ',
  i: 'іɪιӏɩ',
  j: 'јᴊϳʝ',
  k: 'кκᴋƙ',
  l: 'ʟӀǀɭ',
  m: 'мᴍɱ',
  n: 'пɴոηи',
  o: 'оοσᴏօө',
  p: 'рρᴘƿ',
  q: 'ԛզ',
  r: 'гʀɾя',
  s: 'ѕꜱʂ',
  t: 'тτᴛ†',
  u: 'υսᴜц',
  v: 'ѵνᴠ',
  w: 'ԝωᴡшѡ',
  x: 'хχ×',
  y: 'уүʏγ',
  z: 'ᴢʐ',
}

/** Latin letters and signs without a compatibility form, by the plain letter. */
const STYLED: { readonly [latin: string]: string } = { i: 'ı', o: 'ø', d: 'đð', l: 'ł', h: 'ħ', t: 'ŧ', s: 'ſ' }

/** The small capitals, by their letters. */
const SMALL_CAPITALS: { readonly [latin: string]: string } = Object.fromEntries(
  [...'ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘǫʀꜱᴛᴜᴠᴡ'].map((capital, at) => ['abcdefghijklmnopqrstuvw'[at] ?? capital, capital]),
)

const toMap = (rows: { readonly [latin: string]: string }) =>
  Object.entries(rows).flatMap(([latin, others]) => [...others].map((other) => [other, latin] as const))

/** The squared letters 🅰 to 🆉 and 🄰 to 🅉, and the circled 🅐 to 🅩, that have no compatibility form. */
const boxed = [0x1f130, 0x1f150, 0x1f170, 0x1f1e6].flatMap((first) =>
  Array.from({ length: 26 }, (_, at) => [String.fromCodePoint(first + at), String.fromCharCode(97 + at)] as const),
)

/** What always stands for a plain letter. */
export const STYLED_LETTERS: ReadonlyMap<string, string> = new Map([
  ...toMap(STYLED),
  ...toMap(SMALL_CAPITALS),
  ['ʏ', 'y'],
  ['ᴢ', 'z'],
  ...boxed,
])
/** What stands for a Latin letter only within a word or a text that is Latin. */
export const CONFUSABLES: ReadonlyMap<string, string> = new Map(toMap(LOOK_ALIKES))
