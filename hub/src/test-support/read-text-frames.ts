/** The texts of whole, unmasked text frames that stand one after the other. */
export const readTextFrames = (bytes: Uint8Array): string[] => {
  const buffer = Buffer.from(bytes)
  const texts: string[] = []
  for (let at = 0; at < buffer.length; ) {
    if (buffer[at] !== 0x81) throw new Error(`No text frame begins at byte ${at}`)
    const length = buffer.readUInt8(at + 1)
    const headBytes = length < 126 ? 2 : length === 126 ? 4 : 10
    const size =
      length < 126 ? length : length === 126 ? buffer.readUInt16BE(at + 2) : Number(buffer.readBigUInt64BE(at + 2))
    texts.push(buffer.toString('utf8', at + headBytes, at + headBytes + size))
    at += headBytes + size
  }
  return texts
}
