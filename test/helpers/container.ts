import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { chmod, cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { needProgram, needRoot } from './debian.ts'
import { endWithMe } from './end-with-me.ts'
import { within } from './within.ts'

/** What every machine has of this one, read-only: its programs, and nothing of its users or data. */
const PROGRAMS = ['bin', 'sbin', 'lib', 'lib64', 'libexec', 'share'].map((name) => `/usr/${name}`)
const SETTINGS = ['passwd', 'group', 'shadow', 'nsswitch.conf', 'ld.so.cache', 'alternatives', 'ssl/certs']
const FOLDERS = [
  'etc/ssl',
  'opt',
  'proc',
  'root',
  'run',
  'sys',
  'tmp',
  'dev',
  'usr/local/bin',
  'var/lib',
  'var/log/journal',
]
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const POLL_MS = 20

/** Lays out the root folder of a new machine: Debian as it is here, with nothing in its `/opt`, `/var` and `/home`. */
export const makeRoot = async (root: string): Promise<void> => {
  await mkdir(root, { recursive: true })
  // Whoever is not root inside has to come through
  await chmod(root, 0o755)
  for (const folder of FOLDERS) await mkdir(join(root, folder), { recursive: true })
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) await symlink(`usr/${name}`, join(root, name))
  for (const name of SETTINGS) {
    await cp(join('/etc', name), join(root, 'etc', name), { recursive: true, verbatimSymlinks: true })
  }
  await cp('/usr/lib/os-release', join(root, 'etc/os-release'))
  await writeFile(join(root, 'etc/machine-id'), `${randomBytes(16).toString('hex')}\n`)
}

/** How a container is run. */
export interface ContainerOptions {
  readonly root: string
  /** A network namespace as a file; without it the container is in that of this machine. */
  readonly network?: string
  readonly hostname?: string
  /** What else is seen there, and where: `/from:/to`. */
  readonly binds?: readonly string[]
  readonly readOnlyBinds?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly user?: string
  readonly folder?: string
  readonly isReadOnly?: boolean
  /** Whether systemd is its first process, in place of `argv`. */
  readonly boots?: boolean
  readonly argv?: readonly string[]
}

/** As whom and where a command runs. */
export interface Place {
  readonly user?: number
  readonly folder?: string
}

/** What a command wrote, and how it ended. */
export interface Ran {
  readonly code: number
  readonly out: string
}

const toFlags = (name: string, options: ContainerOptions): string[] => [
  '--quiet',
  '--register=no',
  '--keep-unit',
  `--directory=${options.root}`,
  `--machine=${name}`,
  `--hostname=${options.hostname ?? name}`,
  '--console=pipe',
  '--link-journal=no',
  '--timezone=off',
  `--resolv-conf=${options.network === undefined ? 'copy-host' : 'off'}`,
  ...PROGRAMS.map((path) => `--bind-ro=${path}`),
  ...(options.network === undefined ? [] : [`--network-namespace-path=${options.network}`]),
  ...(options.binds ?? []).map((bind) => `--bind=${bind}`),
  ...(options.readOnlyBinds ?? []).map((bind) => `--bind-ro=${bind}`),
  ...Object.entries({ PATH, ...options.env }).map(([key, value]) => `--setenv=${key}=${value}`),
  ...(options.user === undefined ? [] : [`--user=${options.user}`, '--no-new-privileges=yes']),
  ...(options.folder === undefined ? [] : [`--chdir=${options.folder}`]),
  ...(options.isReadOnly ? ['--read-only'] : []),
  '--kill-signal=SIGTERM',
  ...(options.boots ? ['--boot', ...(options.argv ?? [])] : ['--', ...(options.argv ?? [])]),
]

/** In a control group of its own, where there is no systemd to make one: two machines must not share theirs. */
const APART = `for tree in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
  [ -d $tree ] && mkdir -p $tree/$1 && echo $$ >$tree/$1/cgroup.procs
done
shift; exec "$@"`
const FORGET =
  'for tree in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do find $tree/$1 -depth -type d -exec rmdir {} +; done'

/** Whether a process counts as number 1 where it is; on the way there are others. */
const isFirstInside = (id: string): boolean => {
  try {
    return /^NSpid:.*\t1$/m.test(readFileSync(`/proc/${id}/status`, 'utf8'))
  } catch (error) {
    // It has ended meanwhile, or there is none yet
    if (error instanceof Error && 'code' in error) return false
    throw error
  }
}

/** A container of systemd-nspawn: a machine that boots, or one program in a root folder of its own. */
export class Container implements AsyncDisposable {
  readonly ended: Promise<number | null>
  readonly #child: ChildProcess
  readonly #name: string
  readonly #env: Readonly<Record<string, string>>
  #output = ''
  #leader = ''

  constructor(child: ChildProcess, name: string, env: Readonly<Record<string, string>>) {
    this.#child = child
    this.#name = name
    this.#env = env
    endWithMe(child)
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
      })
    }
    this.ended = once(child, 'close').then(([code]) => code)
  }

  /** What its first process wrote. */
  get output(): string {
    return this.#output
  }

  /** Asks its first process to end, as `docker stop` does. */
  stop(): Promise<number | null> {
    this.#child.kill('SIGTERM')
    return within(this.ended, 'the end of the container', 20_000)
  }

  /** Runs a command inside, as root unless another user is named; what it writes to either stream is in `out`. */
  async run(argv: readonly string[], { user = 0, folder = '/root' }: Place = {}): Promise<Ran> {
    const env = Object.entries({ PATH, HOME: '/root', LANG: 'C.UTF-8', ...this.#env }).map(
      ([key, value]) => `${key}=${value}`,
    )
    const enter = [
      '-t',
      await this.#findLeader(),
      '-a',
      '-S',
      `${user}`,
      '-G',
      `${user}`,
      'env',
      '-i',
      `--chdir=${folder}`,
      ...env,
    ]
    return new Promise((resolve) => {
      execFile(
        'nsenter',
        [...enter, 'sh', '-c', 'exec "$@" 2>&1', 'sh', ...argv],
        { timeout: 120_000 },
        (error, out) => {
          resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, out })
        },
      )
    })
  }

  /** Runs lines of a shell inside. */
  sh(script: string): Promise<Ran> {
    return this.run(['bash', '-euo', 'pipefail', '-c', script])
  }

  /** Resolves once a command inside succeeds. */
  until(argv: readonly string[], place: Place = {}, limitMs = 30_000): Promise<Ran> {
    const poll = async () => {
      for (;;) {
        if (this.#child.exitCode !== null) throw new Error(`The container has ended: ${this.#output}`)
        const ran = await this.run(argv, place)
        if (ran.code === 0) return ran
        await wait(POLL_MS)
      }
    }
    return within(poll(), `success of ${argv.join(' ')} in a container: ${this.#output}`, limitMs)
  }

  /** The process that is the first one inside, by its id out here. */
  async #findLeader(): Promise<string> {
    while (this.#leader === '') {
      const { pid, exitCode } = this.#child
      if (exitCode !== null) throw new Error(`The container has ended: ${this.#output}`)
      const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
      const first = children.split(' ').find(isFirstInside)
      if (first) this.#leader = first
      else await wait(POLL_MS)
    }
    return this.#leader
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      process.kill(Number(await this.#findLeader()), 'SIGKILL')
      await within(this.ended, 'the end of the container')
    }
    await new Promise((resolve) => execFile('sh', ['-c', FORGET, 'sh', this.#name], resolve))
  }
}

/** Starts a container without waiting for anything. */
export const startContainer = (options: ContainerOptions): Container => {
  needRoot()
  const nspawn = needProgram('systemd-nspawn', 'systemd-container')
  const name = `ac-${randomBytes(4).toString('hex')}`
  const argv = ['-c', APART, 'sh', name, nspawn, ...toFlags(name, options)]
  const child = spawn('sh', argv, { stdio: ['ignore', 'pipe', 'pipe'] })
  return new Container(child, name, options.env ?? {})
}

/** Runs one program in a container, and waits for its end. @throws {Error} with its output unless it succeeds */
export const runInContainer = async (options: ContainerOptions): Promise<string> => {
  await using container = startContainer(options)
  const code = await container.ended
  if (code !== 0) throw new Error(`${options.argv?.join(' ')} ended with ${code}: ${container.output}`)
  return container.output
}

const TARGET = `[Unit]
Description=A machine that serves and has no terminal
Requires=basic.target
After=basic.target
AllowIsolate=yes
`

/** Boots a machine with systemd; its root folder has been laid out by {@link makeRoot}. */
export const bootMachine = async (options: Omit<ContainerOptions, 'boots' | 'argv'>): Promise<Container> => {
  await mkdir(join(options.root, 'etc/systemd/system'), { recursive: true })
  await writeFile(join(options.root, 'etc/systemd/system/serving.target'), TARGET)
  const machine = startContainer({ ...options, boots: true, argv: ['systemd.unit=serving.target'] })
  try {
    await machine.until(['systemctl', 'is-active', '--quiet', 'serving.target'])
    return machine
  } catch (error) {
    await machine[Symbol.asyncDispose]()
    throw error
  }
}

/** Removes what {@link makeRoot} laid out. */
export const removeRoot = (root: string): Promise<void> => rm(root, { recursive: true, force: true })
