/** What a vendor sent, before it is known what is in it. */
export type Fields = Readonly<Record<string, unknown>>

/** The members of an object; of anything else there are none. */
export const toFields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? { ...value } : {})

/** Text of an answer: a string, or parts of which only those of type `text` belong to it (Anthropic, Mistral). */
export const toText = (content: unknown): string => {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content
    .map(toFields)
    .map(({ type, text }) => (type === 'text' && typeof text === 'string' ? text : ''))
    .join('')
}
