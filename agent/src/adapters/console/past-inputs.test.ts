import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { useFolder } from '../../test-support/folder.ts'
import { PastInputs } from './past-inputs.ts'

const open = (path: string) => {
  const inputs = new PastInputs(path)
  inputs.open()
  return inputs
}

describe('what was sent before', () => {
  it('is kept in a file of this user alone, several lines in one, and nothing twice in a row', () => {
    using folder = useFolder()
    const file = join(folder.path, 'inputs')
    const inputs = open(file)
    for (const text of ['one\ntwo', 'three', 'three']) inputs.add(text)
    expect(readFileSync(file, 'utf8')).toBe('"one\\ntwo"\n"three"\n')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const again = open(file)
    expect([again.findOlder('typed'), again.findOlder('three'), again.findOlder('one\ntwo')]).toEqual([
      'three',
      'one\ntwo',
      undefined,
    ])
    expect([again.findNewer(), again.findNewer(), again.findNewer()]).toEqual(['three', 'typed', undefined])
  })

  it('is bounded, in memory and on disk, and what was pasted is not kept', () => {
    using folder = useFolder()
    const file = join(folder.path, 'inputs')
    const inputs = open(file)
    for (let at = 0; at < 520; at += 1) inputs.add(`input ${at}`)
    inputs.add('x'.repeat(10_001))
    expect(open(file).findOlder('')).toBe('input 519')
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(501)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('loses no more than the line that a kill cut off', () => {
    using folder = useFolder()
    const file = join(folder.path, 'inputs')
    writeFileSync(file, '"whole"\n{"not": "a text"}\n', { mode: 0o644 })
    appendFileSync(file, '"half')
    const inputs = open(file)
    expect(inputs.findOlder('')).toBe('whole')
    inputs.add('next')
    expect(readFileSync(file, 'utf8')).toBe('"whole"\n"next"\n')
  })

  it('is kept in memory where the file cannot be written', () => {
    using folder = useFolder()
    const inputs = new PastInputs(folder.path)
    expect(() => inputs.open()).toThrow('EISDIR')
    expect(() => inputs.add('said')).toThrow('EISDIR')
    expect(inputs.findOlder('')).toBe('said')
  })
})
