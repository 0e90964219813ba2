import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf, StartError } from '../../core/failures.ts'

/** Name of the file of the key in the data folder. */
export const AUDIT_KEY_FILE = 'audit.key'

const KEY = /^[0-9a-f]{64}$/
/** Of a reference, in hexadecimal digits: more people than there are do not meet in it. */
const REFERENCE_CHARS = 16

const findKey = (file: string): string | undefined => {
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined
    throw new StartError(`${file} cannot be read (${codeOf(cause)}).`, { cause })
  }
  if (KEY.test(text)) return text
  throw new StartError(
    `${file} holds no key; delete it to get a new one, after which nobody in the audit trail is known again.`,
  )
}

/** Written aside and then put in its place, so that it is there whole or not at all. */
const makeKey = (file: string): string => {
  const key = randomBytes(32).toString('hex')
  const aside = `${file}.${randomUUID()}`
  try {
    writeFileSync(aside, `${key}\n`, { mode: 0o600, flag: 'wx', flush: true })
    renameSync(aside, file)
    return key
  } catch (cause) {
    throw new StartError(`${file} cannot be written (${codeOf(cause)}).`, { cause })
  } finally {
    rmSync(aside, { force: true })
  }
}

/**
 * A keyed hash of a sender, the same for the same one as long as the data folder has its key: numbers are few, so a hash
 * without a key is undone by trying all of them.
 *
 * @throws {StartError} when the key cannot be read or made; the folder belongs to this agent alone by then
 */
export const openReferences = (dataDir: string): ((senderId: string) => string) => {
  const file = join(dataDir, AUDIT_KEY_FILE)
  const key = Buffer.from(findKey(file) ?? makeKey(file), 'hex')
  return (senderId) => createHmac('sha256', key).update(senderId).digest('hex').slice(0, REFERENCE_CHARS)
}
