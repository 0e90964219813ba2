import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { codeOf } from '../../core/failures.ts'
import type { Clock } from '../../core/ports.ts'
import type { Command } from './catalog.ts'

/** Time between the request to end and the kill, in milliseconds. */
export const KILL_AFTER_MS = 500

/** Characters of the standard error that are kept: its end, where programs say why they failed. */
const STDERR_CHARS_MAX = 2_048

/** How a program ended, or why it did not begin. */
export type ProgramEnd =
  | { readonly type: 'ended'; readonly code: number | null; readonly signal: string | null; readonly stderr: string }
  | { readonly type: 'unstarted'; readonly code: string }

/** A program in a process group of its own, so that what it starts can be ended with it. */
export class RunningProgram {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable> | undefined
  readonly #clock: Clock
  readonly #ended = Promise.withResolvers<ProgramEnd>()
  #stderr = ''
  #isEnding = false

  /** Starts it; that it could not is told by {@link ask}. */
  constructor({ argv: [program, ...parameters], environment }: Command, clock: Clock) {
    this.#clock = clock
    try {
      this.#child = spawn(program, parameters, {
        env: environment,
        stdio: ['pipe', 'pipe', 'pipe'],
        detached: true,
        shell: false,
        windowsHide: true,
      })
    } catch (error) {
      // too long a list of arguments is thrown, all else is an event
      this.#ended.resolve({ type: 'unstarted', code: codeOf(error) })
      return
    }
    this.#watch(this.#child)
  }

  /** What it writes to its standard output, as it comes. */
  onOutput(take: (chunk: Buffer) => void): void {
    this.#child?.stdout.on('data', take)
  }

  /** Hands it its standard input; resolves when it has ended and all that it wrote has been taken. */
  async ask(message: string): Promise<ProgramEnd> {
    this.#child?.stdin.end(message)
    return this.#ended.promise
  }

  /** Asks the whole group to end, and kills it if it has not soon after. */
  end(): void {
    if (this.#isEnding) return
    this.#isEnding = true
    this.#signal('SIGTERM')
    const callOff = this.#clock.after(KILL_AFTER_MS, () => {
      this.#signal('SIGKILL')
      // whoever escaped from the group may hold the pipes open; nobody waits for them
      this.#child?.stdout.destroy()
      this.#child?.stderr.destroy()
      this.#ended.resolve({ type: 'ended', code: null, signal: 'SIGKILL', stderr: this.#stderr })
    })
    this.#child?.once('close', () => {
      callOff()
      // the first of the group is gone; whoever has ignored the request goes now
      this.#signal('SIGKILL')
    })
  }

  #watch(child: ChildProcessByStdio<Writable, Readable, Readable>): void {
    child.on('error', (error) => this.#ended.resolve({ type: 'unstarted', code: codeOf(error) }))
    child.on('close', (code, signal) => {
      this.#ended.resolve({ type: 'ended', code, signal, stderr: this.#stderr })
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_CHARS_MAX)
    })
    // a program need not read what it is told: how it ends says enough
    child.stdin.on('error', () => {})
  }

  #signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    const pid = this.#child?.pid
    if (pid === undefined) return
    try {
      process.kill(-pid, signal)
    } catch {
      // the group is gone already
    }
  }
}
