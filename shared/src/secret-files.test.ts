import * as fs from 'node:fs'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { overlayEnvironment, readSecretFiles, SECRET_FILE_BYTES_MAX } from './secret-files.ts'

const NAMES = ['HUB_SECRET', 'HUB_SECRET_PREVIOUS']

/** A folder with files of secrets. */
const openFolder = () => {
  const path = mkdtempSync(join(tmpdir(), 'secret-files-'))
  const write = (content: string | Uint8Array, name = 'secret'): string => {
    const file = join(path, name)
    writeFileSync(file, content)
    return file
  }
  return { path, write, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

const readOne = (file: string) => readSecretFiles({ HUB_SECRET_FILE: file }, NAMES, fs)

describe('a secret that stands in a file', () => {
  test.each([
    ['a secret', 'a secret'],
    ['a secret\n', 'a secret'],
    ['a secret\r\n', 'a secret'],
    [`\uFEFFa secret\n`, 'a secret'],
    ['sécret 🔑\n', 'sécret 🔑'],
    ['x'.repeat(SECRET_FILE_BYTES_MAX), 'x'.repeat(SECRET_FILE_BYTES_MAX)],
  ])('is its one line, without the newline: %j', (content, secret) => {
    using folder = openFolder()
    const { env, mistakes } = readOne(folder.write(content))
    expect(mistakes).toEqual([])
    expect(env).toEqual({ HUB_SECRET: secret })
  })

  test.each([
    ['', 'is empty'],
    ['\n', 'is empty'],
    [' \t\r\n', 'is empty'],
    ['one\ntwo\n', 'has more than one line'],
    ['one\n\n', 'has more than one line'],
    ['one\rtwo', 'has more than one line'],
    ['x'.repeat(SECRET_FILE_BYTES_MAX + 1), 'is larger than 64 KiB'],
    [new Uint8Array([0x61, 0xff, 0x62]), 'is no text in UTF-8'],
    ['a\0b', 'is no text in UTF-8'],
  ])('is refused, with its variable and path, when its content cannot be: %j', (content, problem) => {
    using folder = openFolder()
    const file = folder.write(content)
    const { env, mistakes, unknown } = readOne(file)
    expect(mistakes).toEqual([`HUB_SECRET_FILE names ${file}, which ${problem}`])
    expect({ env, unknown: [...unknown] }).toEqual({ env: {}, unknown: ['HUB_SECRET'] })
  })

  test('is refused when there is no file, or something else', () => {
    using folder = openFolder()
    mkdirSync(join(folder.path, 'folder'))
    const problems = [join(folder.path, 'nothing'), join(folder.path, 'folder'), '/dev/zero', `${folder.path}/\0`]
    expect(
      problems.flatMap((path) => readOne(path).mistakes.map((mistake) => mistake.replace(/^.*, which/, ''))),
    ).toEqual([
      ' cannot be read (ENOENT)',
      ' is no regular file',
      ' is no regular file',
      ' cannot be read (ERR_INVALID_ARG_VALUE)',
    ])
  })

  test('grows while it is read, and is refused all the same', () => {
    const growing = {
      statSync: () => ({ size: 1, isFile: () => true }),
      readFileSync: () => new Uint8Array(SECRET_FILE_BYTES_MAX + 1).fill(0x61),
    }
    expect(readSecretFiles({ HUB_SECRET_FILE: '/x' }, NAMES, growing).mistakes).toEqual([
      'HUB_SECRET_FILE names /x, which is larger than 64 KiB',
    ])
  })

  test('is never quoted, whatever is wrong with it', () => {
    using folder = openFolder()
    const secret = fc.stringMatching(/^[A-Z0-9]{8,12}$/)
    const around = fc.constantFrom('%\n%', '%\0', '\xff%\n\n', '%\r%')
    fc.assert(
      fc.property(secret, around, (text, form) => {
        const { mistakes } = readOne(folder.write(form.replaceAll('%', text)))
        expect(mistakes).toHaveLength(1)
        expect(mistakes[0]).not.toContain(text)
      }),
    )
  })

  test.each([
    '0123456789abcdef'.repeat(4),
    `hex:${'0123456789abcdef'.repeat(4)}`,
    'mOoPu5MFlAGZ/cVzwfjVNyIxWlEbzCe0+lEHk0k7yFE=',
    'sk-proj-abcDEF0123456789',
  ])('is not quoted when it was put where its path belongs: %s', (secret) => {
    const [mistake] = readOne(secret).mistakes
    expect(mistake).toBe('HUB_SECRET_FILE must be the path of a file that holds the secret, not the secret itself')
  })

  test('is not read when the variable itself is set, too: both are named', () => {
    using folder = openFolder()
    const env = { HUB_SECRET: 'one', HUB_SECRET_FILE: folder.write('other') }
    const read = readSecretFiles(env, NAMES, fs)
    expect(read.mistakes).toEqual(['HUB_SECRET and HUB_SECRET_FILE are both set; keep one of them'])
    expect([...read.unknown]).toEqual(['HUB_SECRET'])
  })

  test('counts alone when the other form is blank', () => {
    using folder = openFolder()
    const file = folder.write('a secret')
    expect(readSecretFiles({ HUB_SECRET: ' ', HUB_SECRET_FILE: ` ${file} ` }, NAMES, fs).env).toEqual({
      HUB_SECRET: 'a secret',
    })
    expect(readSecretFiles({ HUB_SECRET: 'a', HUB_SECRET_FILE: ' ' }, NAMES, fs)).toMatchObject({
      env: { HUB_SECRET: 'a' },
      mistakes: [],
    })
  })

  test('of another program is left alone', () => {
    const env = { AGENT_HUB_SECRET_FILE: '/nowhere', POSTGRES_PASSWORD_FILE: '/nowhere', PATH: '/bin' }
    expect(readSecretFiles(env, NAMES, fs)).toEqual({ env, mistakes: [], unknown: new Set() })
  })
})

describe('variables of a process over those of a file', () => {
  const layer = (own: Record<string, string>, file: Record<string, string>) => overlayEnvironment(own, file, NAMES)

  test('win, and the rest stays', () => {
    expect(layer({ PORT: '1' }, { PORT: '2', HUB_HOST: 'x' })).toEqual({ PORT: '1', HUB_HOST: 'x' })
  })

  test('hide a secret of the file in either form', () => {
    const inFile = { HUB_SECRET: 'a', HUB_SECRET_PREVIOUS_FILE: '/b', PORT: '1' }
    expect(layer({ HUB_SECRET_FILE: '/c', HUB_SECRET_PREVIOUS: '' }, inFile)).toEqual({
      HUB_SECRET_FILE: '/c',
      HUB_SECRET_PREVIOUS: '',
      PORT: '1',
    })
  })

  test('hide nothing else that ends alike', () => {
    expect(layer({ GITHUB_TOKEN_FILE: '/x' }, { GITHUB_TOKEN: 'y' })).toEqual({
      GITHUB_TOKEN_FILE: '/x',
      GITHUB_TOKEN: 'y',
    })
  })
})
