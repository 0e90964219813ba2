import { randomBytes } from 'node:crypto'

/** Bytes of a delimiter: beyond guessing, and short enough to stand four times around every turn. */
const BYTES = 16

/** The word around other people's text in one request, which none of them can know. */
export const makeDelimiter = (): string => randomBytes(BYTES).toString('hex')
