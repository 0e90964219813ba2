const ID_BYTES = 16
const CURSOR_BYTES = ID_BYTES + 8

/** Where a page ended, as a caller carries it: the store's id and a place in the order of submission. */
export const toCursor = (storeId: string, seq: number): string => {
  const bytes = Buffer.alloc(CURSOR_BYTES)
  bytes.write(storeId, 'hex')
  bytes.writeBigUInt64BE(BigInt(seq), ID_BYTES)
  return bytes.toString('base64url')
}

/** The place that a cursor means; undefined when it is none of this store's. */
export const readCursor = (storeId: string, cursor: string): number | undefined => {
  const bytes = Buffer.from(cursor, 'base64url')
  if (bytes.length !== CURSOR_BYTES || bytes.toString('hex', 0, ID_BYTES) !== storeId) return undefined
  const seq = Number(bytes.readBigUInt64BE(ID_BYTES))
  // Decoding passes over what is no base64url; a cursor that was changed by a letter is none
  return Number.isSafeInteger(seq) && bytes.toString('base64url') === cursor ? seq : undefined
}
