/** How libsignal begins what it prints; whole sessions follow, private keys included. */
const SENTENCES = [
  'Closing session',
  'Opening session',
  'Removing old closed session',
  'Session already',
  'Migrating session',
  'Closing open session',
  'Decrypted message with closed session',
  'Failed to decrypt message',
  'Session error',
]

const isSignal = (first: unknown): boolean =>
  typeof first === 'string' && SENTENCES.some((sentence) => first.startsWith(sentence))

type Print = (...values: unknown[]) => void

const isPrint = (value: unknown): value is Print => typeof value === 'function'

let isQuiet = false

/** Keeps what libsignal prints about the sessions of people out of the output of tests. */
export const quietSignal = (): void => {
  if (isQuiet) return
  isQuiet = true
  const terminal: object = Reflect.get(globalThis, 'console')
  for (const level of ['info', 'warn', 'error']) {
    const print: unknown = Reflect.get(terminal, level)
    if (!isPrint(print)) continue
    Reflect.set(terminal, level, (...values: unknown[]) => {
      if (!isSignal(values[0])) Reflect.apply(print, terminal, values)
    })
  }
}
