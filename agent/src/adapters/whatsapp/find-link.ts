import { existsSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { codeOf } from '../../core/failures.ts'
import { WHATSAPP_FILE } from './database.ts'

/** Whether a phone has linked the device of a data folder; `unreadable` with the storage's own word. */
export type LinkFinding =
  | { readonly kind: 'none' | 'unlinked' | 'linked' }
  | { readonly kind: 'unreadable'; readonly code: string }

const isLinked = (value: string): boolean => {
  const creds: unknown = JSON.parse(value)
  return typeof creds === 'object' && creds !== null && 'account' in creds && creds.account !== null
}

/** Looks whether an agent of this folder is linked, without Baileys and without changing anything. */
export const findLink = (dataDir: string): LinkFinding => {
  const file = join(dataDir, WHATSAPP_FILE)
  if (!existsSync(file)) return { kind: 'none' }
  const database = new Database(file, { readonly: true, fileMustExist: true })
  try {
    const row = database.prepare<[], { value: string }>("SELECT value FROM auth WHERE kind = 'creds'").get()
    return { kind: row !== undefined && isLinked(row.value) ? 'linked' : 'unlinked' }
  } catch (error) {
    return { kind: 'unreadable', code: error instanceof SyntaxError ? 'no JSON' : codeOf(error) }
  } finally {
    database.close()
  }
}
