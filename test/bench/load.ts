import { once } from 'node:events'
import { WebSocket } from 'ws'
import { inWaves } from './fleet.ts'
import { encodePost, HttpCaller } from './http-caller.ts'
import type { Target } from './target.ts'

const LINE = 'The quick brown fox jumps over the lazy dog, and nobody asks it why it is so lazy.\n'

/** Plain English of an exact size in bytes, with a line break here and there, as people write. */
export const textOf = (bytes: number): string => LINE.repeat(Math.ceil(bytes / LINE.length)).slice(0, bytes)

const readTaskId = (data: Buffer): string | undefined => {
  const start = data.toString('latin1', 0, 120)
  if (!start.includes('"type":"task"')) return undefined
  const quick = /"requestId":"([^"]+)"/.exec(start)?.[1]
  if (quick !== undefined) return quick
  const frame: { requestId: string } = JSON.parse(data.toString())
  return frame.requestId
}

/** An agent as users have it, on the `ws` package: it answers every task with the same text. */
export const startAnsweringAgent = async (target: Target, name: string, answer: string): Promise<WebSocket> => {
  const socket = new WebSocket(`ws://127.0.0.1:${target.port}`, { perMessageDeflate: false })
  await once(socket, 'open')
  const { secret } = target
  socket.send(JSON.stringify({ type: 'register', name, workspace: 'bench', skills: ['bench'], secret }))
  await once(socket, 'message')
  const response = JSON.stringify(answer)
  socket.on('message', (data) => {
    const requestId = Buffer.isBuffer(data) ? readTaskId(data) : undefined
    if (requestId === undefined) return
    socket.send(`{"type":"task-response","requestId":"${requestId}","response":${response}}`)
  })
  return socket
}

/** How a number of tasks went. */
export interface TaskRun {
  readonly cpuUs: number
  readonly wallMs: number
  readonly latenciesMs: readonly number[]
}

/** Callers that ask agents for answers, each one request at a time. */
export class TaskLoad {
  readonly #target: Target
  readonly #callers: HttpCaller[]
  readonly #requests: Buffer[]
  readonly #answerBytes: number

  private constructor(target: Target, callers: HttpCaller[], requests: Buffer[], answerBytes: number) {
    this.#target = target
    this.#callers = callers
    this.#requests = requests
    this.#answerBytes = answerBytes
  }

  /** Connects `callers` callers; tasks of `bytes` go to the named agents in turn, whose answers are as large. */
  static async open(target: Target, agents: readonly string[], bytes: number, callers: number): Promise<TaskLoad> {
    const message = textOf(bytes)
    const requests = agents.map((agent) => encodePost(target, '/task', { agent, message, sender: 'bench' }))
    const opened = await inWaves(callers, () => HttpCaller.open(target))
    return new TaskLoad(target, opened, requests, bytes)
  }

  /** Runs `count` tasks and measures the server meanwhile. */
  async run(count: number): Promise<TaskRun> {
    const latenciesMs: number[] = []
    let begun = 0
    const call = async (caller: HttpCaller): Promise<void> => {
      while (begun < count) {
        const request = this.#requests[begun++ % this.#requests.length]
        if (request === undefined) throw new Error('No agent to ask')
        const sentAt = performance.now()
        const body = await caller.post(request)
        latenciesMs.push(performance.now() - sentAt)
        if (body.length < this.#answerBytes) throw new Error(`A short answer: ${body.toString()}`)
      }
    }
    const cpuBefore = this.#target.readCpuUs()
    const startedAt = performance.now()
    await Promise.all(this.#callers.map(call))
    const wallMs = performance.now() - startedAt
    return { cpuUs: this.#target.readCpuUs() - cpuBefore, wallMs, latenciesMs }
  }

  /** Hangs up. */
  close(): void {
    for (const caller of this.#callers) caller.close()
  }
}
