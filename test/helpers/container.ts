import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { needProgram, needRoot } from './debian.ts'
import { endWithMe } from './end-with-me.ts'
import { within } from './within.ts'

/** What every machine has of this one, read-only: its programs, and nothing of its users or data. */
const PROGRAMS = ['bin', 'sbin', 'lib', 'lib64', 'libexec', 'share'].map((name) => `/usr/${name}`)
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const POLL_MS = 20
const STOP_MS_MAX = 20_000

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
  [ -d $tree ] && mkdir -p $tree/$1 && echo 0 >$tree/$1/cgroup.procs
done
shift; exec "$@"`
/** What was in it may be a moment away from its end. */
const FORGET = `for tree in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    [ -d $tree/$1 ] || break
    find $tree/$1 -depth -type d -exec rmdir {} + 2>/dev/null || sleep 0.1
  done
done`

/** A namespace of processes around it all: whatever becomes of the test, nobody in there outlives it. */
const MORTAL = ['--pid', '--fork', '--kill-child', '--mount-proc']

const readProc = async (path: string): Promise<string> => {
  try {
    return await readFile(`/proc/${path}`, 'utf8')
  } catch (error) {
    // It has ended meanwhile, or there is none yet
    if (error instanceof Error && 'code' in error) return ''
    throw error
  }
}

const readChildren = async (pid: number | string | undefined): Promise<string[]> =>
  (await readProc(`${pid}/task/${pid}/children`)).split(' ').filter((id) => id !== '')

/** Whether a process is the first one of a container, which is in two namespaces; on the way there are others. */
const isFirstInside = async (id: string): Promise<boolean> =>
  /^NSpid:\t\d+\t\d+\t1$/m.test(await readProc(`${id}/status`))

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
  async stop(): Promise<number | null> {
    await this.#findLeader()
    const [nspawn] = await readChildren(this.#child.pid)
    process.kill(Number(nspawn), 'SIGTERM')
    return within(this.ended, 'the end of the container', STOP_MS_MAX)
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
      if (this.#child.exitCode !== null) throw new Error(`The container has ended: ${this.#output}`)
      const [nspawn] = await readChildren(this.#child.pid)
      for (const child of await readChildren(nspawn)) if (await isFirstInside(child)) this.#leader = child
      if (this.#leader === '') await wait(POLL_MS)
    }
    return this.#leader
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await within(this.ended, 'the end of the container')
    await new Promise((resolve) => execFile('sh', ['-c', FORGET, 'sh', this.#name], resolve))
  }
}

/** Starts a container without waiting for anything. */
export const startContainer = (options: ContainerOptions): Container => {
  needRoot()
  const nspawn = needProgram('systemd-nspawn', 'systemd-container')
  const name = `ac-${randomBytes(4).toString('hex')}`
  const argv = [...MORTAL, 'sh', '-c', APART, 'sh', name, nspawn, ...toFlags(name, options)]
  const child = spawn(needProgram('unshare', 'util-linux'), argv, { stdio: ['ignore', 'pipe', 'pipe'] })
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

/** Boots a machine with systemd; its root folder has been laid out by `makeRoot`. */
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
