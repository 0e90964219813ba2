/** From where on the end of a text has no character that is a border. */
export const tailAt = (text: string, isBorder: (code: number) => boolean): number => {
  let at = text.length
  while (at > 0 && !isBorder(text.charCodeAt(at - 1))) at -= 1
  return at
}
