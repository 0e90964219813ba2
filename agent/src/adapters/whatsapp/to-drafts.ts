import { splitText } from '../../core/split-text.ts'
import { type Draft, MESSAGE_CHARS_MAX } from './outbox.ts'

/** Longest message that people like to read, in UTF-16 units; phones fold what is much longer. */
export const PART_CHARS_MAX = 3_500
/** So many messages an answer may be; a longer one is a document. */
export const PARTS_MAX = 3
/** How much of a document stands below it. */
const CAPTION_CHARS_MAX = 600
const FILE_NAME = 'answer.txt'

const toCaption = (text: string): string => {
  const [opening = ''] = splitText(text, CAPTION_CHARS_MAX)
  return `${opening}\n\n… the whole answer is in the file.`
}

/**
 * What a text becomes on its way to a person: one message, up to three, or a document that begins in its caption.
 * Undefined for a text that cannot be sent: an empty one, or one for a program that is longer than a message may be.
 */
export const toDrafts = (text: string, isForMachines: boolean): readonly Draft[] | undefined => {
  if (text.trim() === '') return undefined
  if (isForMachines) return text.length > MESSAGE_CHARS_MAX ? undefined : [{ kind: 'text', text }]
  const parts = splitText(text, PART_CHARS_MAX)
  if (parts.length > PARTS_MAX) return [{ kind: 'document', text, fileName: FILE_NAME, caption: toCaption(text) }]
  return parts.map((part) => ({ kind: 'text', text: part }))
}
