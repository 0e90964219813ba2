const toWords = (...lines: readonly string[]): ReadonlySet<string> => new Set(lines.join(' ').split(' '))

/** Words that end an exchange, in the languages people here write; whoever answers them begins a loop of courtesy. */
const ACKNOWLEDGING = toWords(
  'ok okay k thx thanks thank noted understood acknowledged ack roger great perfect cool nice done received bye goodbye',
  'welcome cheers got danke dank verstanden gut klar gerne tschüss gracias vale entendido merci compris grazie prego',
  'obrigado obrigada valeu спасибо хорошо понял 谢谢 好的 ありがとう 了解',
)
/** Words that stand beside those. */
const FILLING = toWords(
  'you very much so a lot many it will do sure fine good yes right are youre no problem schön sehr vielen alles bitte',
  'muchas de nada bien beaucoup rien mille',
)

/** Longest text that is looked at, in UTF-16 units: thanks are short, and what is longer says more than thanks. */
const CHARS_MAX = 60

/** Whether a text only says that another text came: thanks, an OK, a thumb. Nobody answers those. */
export const isAcknowledgement = (text: string): boolean => {
  if (text.length > CHARS_MAX || /[?？]/.test(text)) return false
  const words = text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/['’]/g, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
  if (words.length === 0) return true
  return (
    words.some((word) => ACKNOWLEDGING.has(word)) && words.every((word) => ACKNOWLEDGING.has(word) || FILLING.has(word))
  )
}
