import { parentPort } from 'node:worker_threads'
import type { Answers, Lines, Question, Reply } from './lines.ts'
import { toStorageError } from './storage-trouble.ts'

/**
 * Answers what the main thread asks, one question after the other, until it
 * was asked to close.
 *
 * @param file what troubles are about
 */
export const answerLines = <Known extends Lines>(file: string, answers: Answers<Known>): void => {
  const port = parentPort
  if (port === null) throw new Error('This file is for a thread of its own')
  const tell = (reply: Reply) => port.postMessage(reply)
  port.on('message', ({ id, name, question }: Question) => {
    try {
      tell({ id, kind: 'answer', answer: answers[name]?.(question) })
    } catch (error) {
      // A class does not survive the way between threads; its parts do
      const { trouble, message } = toStorageError(error, file)
      tell({ id, kind: 'trouble', trouble, message })
    }
    if (name === 'close') port.close()
  })
}
