import { createHash } from 'node:crypto'

/** Digits of a digest that are enough to tell a handful of keys apart, and far too few to say anything of one. */
const DIGITS = 8

/** A short name for a key, which it cannot be read from; as a member to be spread, since without a key there is none. */
export const toKeyId = (provider: string, apiKey: string | undefined): { readonly keyId?: string } =>
  apiKey === undefined
    ? {}
    : { keyId: createHash('sha256').update(`${provider}\0${apiKey}`).digest('hex').slice(0, DIGITS) }
