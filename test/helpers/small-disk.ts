import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { mkdtemp, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { within } from './within.ts'

const run = promisify(execFile)
const BALLAST = 'ballast'
const DATA = 'data'

/** Where the disk is mounted, and how to get there. */
interface Mount {
  /** How this process sees it. */
  readonly seenAt: string
  /** A command by which another process comes to see it. */
  readonly through: readonly string[]
  readonly unmount: () => Promise<void>
}

const isFull = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'ENOSPC'

/** In namespaces of its own, which need no rights and are gone with the process that holds them. */
const mountApart = async (at: string, options: string): Promise<Mount | undefined> => {
  const script = 'mount -t tmpfs -o "$1" none "$2" && echo mounted && exec cat'
  const holder: ChildProcess = spawn('unshare', ['-rm', 'sh', '-c', script, 'sh', options, at], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const ended = once(holder, 'close').catch(() => [])
  const mounted = holder.stdout === null ? ended : once(holder.stdout, 'data')
  const [word] = await within(Promise.race([mounted, ended]), 'a mount in a namespace')
  if (!String(word).startsWith('mounted')) return undefined
  return {
    seenAt: `/proc/${holder.pid}/root${at}`,
    through: ['nsenter', '-t', String(holder.pid), '-U', '-m', '--preserve-credentials'],
    unmount: async () => {
      holder.stdin?.end()
      await ended
    },
  }
}

/** Where there are no user namespaces, as in a container, root may mount for everybody. */
const mountHere = async (at: string, options: string): Promise<Mount> => {
  try {
    await run('mount', ['-t', 'tmpfs', '-o', options, 'none', at])
  } catch (cause) {
    await rmdir(at)
    const advice = 'allow user namespaces, or run as root with CAP_SYS_ADMIN'
    throw new Error(`A small disk is needed and nothing can be mounted here: ${advice}`, { cause })
  }
  return { seenAt: at, through: ['env'], unmount: async () => void (await run('umount', ['-l', at])) }
}

/** A disk of a few megabytes, in memory, that can be filled and made read-only. */
export class SmallDisk implements AsyncDisposable {
  /** A folder on it, as whoever comes {@link SmallDisk.through} sees it. */
  readonly folder: string
  readonly #at: string
  readonly #mount: Mount

  constructor(at: string, mount: Mount) {
    this.#at = at
    this.#mount = mount
    this.folder = join(at, DATA)
    mkdirSync(join(mount.seenAt, DATA), { mode: 0o700 })
  }

  /** A command that becomes what is put behind it, and sees the disk. */
  get through(): readonly string[] {
    return this.#mount.through
  }

  /** Leaves not one byte. */
  fill(): void {
    const ballast = openSync(join(this.#mount.seenAt, BALLAST), 'a')
    try {
      for (const bytes of [65_536, 4_096]) this.#pour(ballast, Buffer.alloc(bytes))
    } finally {
      closeSync(ballast)
    }
  }

  /** Takes the ballast away again. */
  free(): void {
    rmSync(join(this.#mount.seenAt, BALLAST))
  }

  /** Makes all of it read-only or writable. The system refuses the former while a file is open for writing. */
  async remount(mode: 'ro' | 'rw'): Promise<void> {
    const [command = '', ...argv] = [...this.through, 'mount', '-o', `remount,${mode}`, this.#at]
    await run(command, argv)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#mount.unmount()
    await rmdir(this.#at)
  }

  #pour(file: number, bytes: Buffer): void {
    try {
      for (;;) writeSync(file, bytes)
    } catch (error) {
      if (!isFull(error)) throw error
    }
  }
}

/** Mounts a small disk, for this test alone. @throws {Error} saying what is needed where nothing can be mounted */
export const openSmallDisk = async (megabytes = 8): Promise<SmallDisk> => {
  const at = await mkdtemp(join(tmpdir(), 'small-disk-'))
  const options = `size=${megabytes}m,mode=0700`
  return new SmallDisk(at, (await mountApart(at, options)) ?? (await mountHere(at, options)))
}
