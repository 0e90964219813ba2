const FINAL_TEXT = 0x81

/**
 * One unmasked text frame with its header, as a server sends it. Written here
 * rather than left to `ws`, because fan-out writes the same bytes to many
 * sockets and a batch of frames as one buffer.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-5.2
 */
export const encodeTextFrame = (text: string): Buffer => {
  const size = Buffer.byteLength(text)
  const headSize = size < 126 ? 2 : size < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(headSize + size)
  frame[0] = FINAL_TEXT
  if (headSize === 2) {
    frame[1] = size
  } else if (headSize === 4) {
    frame[1] = 126
    frame.writeUInt16BE(size, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(size), 2)
  }
  frame.write(text, headSize)
  return frame
}
