import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../test-support/temporary-folder.ts'

const PROGRAM = fileURLToPath(new URL('./scarce-disk.fixture.ts', import.meta.url))

/** Whether this machine lets a test mount a disk that only the test sees. */
const mayMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0

/** Runs one of the stories of the fixture on a disk of its own. */
const runStory = async (name: string): Promise<unknown> => {
  await using folder = await temporaryFolder()
  const command = ['-rm', process.execPath, PROGRAM, folder.path, name]
  const { stdout } = await promisify(execFile)('unshare', command)
  return JSON.parse(stdout)
}

describe.skipIf(!mayMount)('a store on a scarce disk', () => {
  test('refuses what it has no space for, keeps every promise, and goes on by itself when there is space', async () => {
    expect(await runStory('fillAndFree')).toEqual({
      trouble: 'full',
      refused: expect.any(Number),
      whileFull: { probe: 'full', update: 'full' },
      readableState: 'submitted',
      afterwards: {},
      whileOpen: true,
      reopened: true,
      notes: [],
    })
  })

  test('does not start without any space, and starts as soon as there is some', async () => {
    expect(await runStory('startOnFull')).toEqual({ full: 'full', boot: 0 })
  })

  test('does not start where nothing can be written, and starts as soon as it can', async () => {
    expect(await runStory('startOnReadOnly')).toEqual({ readOnly: 'read-only', withoutFolder: 'read-only', boot: 1 })
  })
})
