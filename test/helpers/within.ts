/** A promise's value, or a failure that says what was awaited: a test that hangs should tell why. */
export const within = async <Value>(promise: Promise<Value>, what: string, limitMs = 8_000): Promise<Value> => {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`Nothing came within ${limitMs} ms: ${what}`)), limitMs)
  })
  try {
    return await Promise.race([promise, limit])
  } finally {
    clearTimeout(timer)
  }
}
