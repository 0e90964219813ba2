import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { validate as isUuid } from 'uuid'
import { describe, expect, it } from 'vitest'
import { useFolder } from '../../test-support/folder.ts'
import { INSTANCE_ID_FILE, readInstanceId } from './instance-id.ts'

describe('the instance id', () => {
  it('is made once, for this user alone, and found again', () => {
    using folder = useFolder()
    const dataDir = join(folder.path, 'deep', 'data')
    const id = readInstanceId(dataDir)
    expect(isUuid(id)).toBe(true)
    expect(readInstanceId(dataDir)).toBe(id)
    expect(statSync(dataDir).mode & 0o777).toBe(0o700)
    expect(statSync(join(dataDir, INSTANCE_ID_FILE)).mode & 0o777).toBe(0o600)
    expect(readdirSync(dataDir)).toEqual([INSTANCE_ID_FILE])
  })

  it.each(['', 'not an id', '0198'])('is not made anew when the file holds %j', (text) => {
    using folder = useFolder()
    const file = join(folder.path, INSTANCE_ID_FILE)
    writeFileSync(file, text)
    expect(() => readInstanceId(folder.path)).toThrow(/instance-id holds no instance id; delete it/)
    expect(readFileSync(file, 'utf8')).toBe(text)
  })

  it('says in a sentence that the folder cannot be used', () => {
    using folder = useFolder()
    const file = join(folder.path, 'file')
    writeFileSync(file, '')
    expect(() => readInstanceId(file)).toThrow(/DATA_DIR .*file cannot be made \(EEXIST\)/)
    mkdirSync(join(folder.path, 'data', INSTANCE_ID_FILE), { recursive: true })
    expect(() => readInstanceId(join(folder.path, 'data'))).toThrow(/instance-id cannot be read \(EISDIR\)/)
  })
})
