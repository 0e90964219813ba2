import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { StartError } from '../../core/failures.ts'
import { useFolder } from '../../test-support/folder.ts'
import { openWhatsAppStore, WHATSAPP_FILE } from './database.ts'

describe('the store of a WhatsApp link', () => {
  it('is for this user alone, and reaches the disk with each change', () => {
    using folder = useFolder()
    const database = openWhatsAppStore(folder.path)
    expect(statSync(join(folder.path, WHATSAPP_FILE)).mode & 0o777).toBe(0o600)
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal')
    expect(database.pragma('synchronous', { simple: true })).toBe(2)
    database.close()
    openWhatsAppStore(folder.path).close()
  })

  it.each([
    ['torn', (file: string) => truncateSync(file, 4_096)],
    ['emptied', (file: string) => truncateSync(file, 0)],
    ['something else', (file: string) => writeFileSync(file, 'a'.repeat(9_000))],
  ])('is not replaced when it is %s', (_how, spoil) => {
    using folder = useFolder()
    openWhatsAppStore(folder.path).close()
    const file = join(folder.path, WHATSAPP_FILE)
    spoil(file)
    const before = readFileSync(file)
    expect(() => openWhatsAppStore(folder.path)).toThrow(StartError)
    expect(() => openWhatsAppStore(folder.path)).toThrow(/is damaged .* link the agent anew\.$/)
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  it('of a newer release is left alone', () => {
    using folder = useFolder()
    openWhatsAppStore(folder.path).close()
    const database = new Database(join(folder.path, WHATSAPP_FILE))
    database.pragma('user_version = 99')
    database.close()
    expect(() => openWhatsAppStore(folder.path)).toThrow(/schema 99 of a newer release/)
  })

  it('says in a sentence that the folder cannot be used', () => {
    expect(() => openWhatsAppStore('/dev/null/none')).toThrow(/cannot be used \(ENOTDIR\)/)
  })
})
