import { splitText } from './split-text.ts'

/** What one message of a channel may hold. */
export interface PartBounds {
  /** Longest message, in UTF-16 units. */
  readonly charsMax: number
  /** So many messages an answer may be; a longer one is a document. */
  readonly partsMax: number
  /** How much of a document stands below it, in UTF-16 units. */
  readonly captionCharsMax: number
}

/** What is sent as one message. */
export type MessagePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'document'; readonly text: string; readonly fileName: string; readonly caption: string }

const FILE_NAME = 'answer.txt'
const MORE = '\n\n… the whole answer is in the file.'

const toCaption = (text: string, charsMax: number): string => {
  const [opening = ''] = splitText(text, charsMax - MORE.length)
  return `${opening}${MORE}`
}

/**
 * What a text becomes on its way to a person: one message, a few, or a document that begins in its caption. Undefined for
 * a text that cannot be sent: an empty one, or one for a program that is longer than a message may be.
 */
export const toMessageParts = (
  text: string,
  isForMachines: boolean,
  { charsMax, partsMax, captionCharsMax }: PartBounds,
): readonly MessagePart[] | undefined => {
  if (text.trim() === '') return undefined
  if (isForMachines) return text.length > charsMax ? undefined : [{ kind: 'text', text }]
  const parts = splitText(text, charsMax)
  if (parts.length <= partsMax) return parts.map((part) => ({ kind: 'text', text: part }))
  return [{ kind: 'document', text, fileName: FILE_NAME, caption: toCaption(text, captionCharsMax) }]
}
