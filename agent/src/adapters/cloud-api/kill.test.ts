import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import {
  ANNA,
  BEN,
  type DeliveryFacts,
  sign,
  toDelivery,
  toStatus,
  toTextMessage,
} from '../../test-support/cloud-deliveries.ts'
import { useFolder } from '../../test-support/folder.ts'
import { type GraphServer, keepSilent, startGraph, takeAndKeepSilent } from '../../test-support/graph-server.ts'
import { Queue } from '../../test-support/queue.ts'
import { CLOUD_SECRETS } from '../../test-support/set-up-cloud.ts'

const PROGRAM = fileURLToPath(new URL('../../test-support/cloud-program.ts', import.meta.url))

type Line = Readonly<Record<string, unknown>>

/** A process that has a messenger and answers everybody. */
class Program {
  readonly lines: Line[] = []
  readonly #happened = new Queue<Line>()
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  #rest = ''
  url = ''

  constructor(folder: string, graph: GraphServer, doubtMs: number, workMs: number) {
    const args = [PROGRAM, folder, graph.url.href, String(doubtMs), String(workMs)]
    this.#child = spawn(process.execPath, ['--', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#ended = once(this.#child, 'close')
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      const [last = '', ...lines] = `${this.#rest}${chunk}`.split('\n').reverse()
      this.#rest = last
      for (const line of lines.reverse()) this.#take(JSON.parse(line) as Line)
    })
  }

  async listening(): Promise<this> {
    const { port } = await this.until('cloud.listening')
    this.url = `http://127.0.0.1:${port}/webhooks/whatsapp`
    return this
  }

  until(type: string): Promise<Line> {
    return this.#happened.until((line) => line['type'] === type)
  }

  /** Delivers once; whether Meta heard that it was taken. */
  async deliver(facts: DeliveryFacts): Promise<boolean> {
    const body = JSON.stringify(toDelivery(facts))
    const headers = { 'x-hub-signature-256': sign(body, CLOUD_SECRETS.appSecret) }
    try {
      return (await fetch(this.url, { method: 'POST', body, headers })).ok
    } catch (error) {
      if (error instanceof TypeError) return false
      throw error
    }
  }

  /** Ends it on the spot. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }

  #take(line: Line): void {
    this.lines.push(line)
    this.#happened.push(line)
  }
}

const start = (folder: { readonly path: string }, graph: GraphServer, { doubtMs = 200, workMs = 0 } = {}) =>
  new Program(folder.path, graph, doubtMs, workMs).listening()

/** Each of them starts a few processes, which takes seconds on a machine that is busy. */
const TEST_MS_MAX = 60_000

describe('a process that is killed', { timeout: TEST_MS_MAX }, () => {
  it('after Meta heard that a message was taken answers it when it is back, once', async () => {
    using folder = useFolder()
    await using graph = await startGraph()
    {
      await using life = await start(folder, graph, { workMs: 60_000 })
      expect(await life.deliver({ messages: [toTextMessage('hello', Date.now())] })).toBe(true)
      await life.until('test.brought')
    }
    await using next = await start(folder, graph)
    expect(await next.until('test.brought')).toMatchObject({ text: 'hello', isResumed: true })
    await next.until('cloud.accepted')
    await next.kill()
    await using last = await start(folder, graph)
    expect(await last.deliver({ messages: [toTextMessage('again', Date.now(), BEN)] })).toBe(true)
    await last.until('cloud.accepted')
    expect(graph.texts).toEqual(['re: hello', 're: again'])
  })

  it('while an answer is on its way sends it once more, when nothing tells of it', async () => {
    using folder = useFolder()
    await using graph = await startGraph()
    graph.fail(keepSilent)
    {
      await using life = await start(folder, graph)
      await life.deliver({ messages: [toTextMessage('hello', Date.now())] })
      await graph.arrivals.until(({ body }) => body['type'] === 'text')
    }
    await using next = await start(folder, graph)
    expect(await next.until('cloud.accepted')).toMatchObject({ attempt: 2 })
    expect(graph.texts).toEqual(['re: hello'])
  })

  it('while an answer is on its way does not send it once more, when its status says that Meta has it', async () => {
    using folder = useFolder()
    await using graph = await startGraph()
    graph.fail(takeAndKeepSilent)
    {
      await using life = await start(folder, graph)
      await life.deliver({ messages: [toTextMessage('hello', Date.now())] })
      await graph.arrivals.until(({ body }) => body['type'] === 'text')
    }
    const [taken] = graph.taken
    if (!taken) throw new Error('Nothing was taken')
    await using next = await start(folder, graph, { doubtMs: 15_000 })
    expect(await next.deliver({ statuses: [toStatus(taken, 'delivered')] })).toBe(true)
    expect(await next.deliver({ messages: [toTextMessage('again', Date.now())] })).toBe(true)
    await next.until('cloud.accepted')
    await next.until('cloud.accepted')
    expect(graph.texts).toEqual(['re: hello', 're: again'])
  })

  it('again and again misses nothing and answers nothing twice, as long as Meta tells what it has', async () => {
    using folder = useFolder()
    await using graph = await startGraph()
    const messages = Array.from({ length: 20 }, (_, index) =>
      toTextMessage(`${index}`, Date.now(), [ANNA, BEN, '33612345678'][index % 3]),
    )
    const delivered = new Set<string>()
    const told = new Set<string>()
    /** What Meta does, until the process is gone: it brings everything again that was not taken. */
    const bring = async (life: Program) => {
      for (const taken of graph.taken.filter(({ wamid }) => !told.has(wamid))) {
        if (!(await life.deliver({ statuses: [toStatus(taken, 'sent')] }))) return
        told.add(taken.wamid)
      }
      for (const message of messages.filter(({ id }) => !delivered.has(id)).slice(0, 4)) {
        if (!(await life.deliver({ messages: [message] }))) return
        delivered.add(message.id)
      }
    }
    const isDone = () => delivered.size === messages.length && graph.taken.length >= messages.length
    for (let lives = 0; !isDone(); lives += 1) {
      await using life = await start(folder, graph, { doubtMs: 4_000 })
      // later lives last longer, so that it ends
      for (let rounds = 0; rounds < 2 + lives && !isDone(); rounds += 1) await bring(life)
      if (delivered.size === messages.length) await life.until('cloud.accepted')
    }
    await using last = await start(folder, graph, { doubtMs: 4_000 })
    await bring(last)
    // what is in doubt has had its time when this is answered
    await last.deliver({
      messages: messages.slice(0, 3).map(({ from }) => toTextMessage('the end', Date.now(), String(from))),
    })
    while (graph.texts.filter((text) => text === 're: the end').length < 3) await last.until('cloud.accepted')
    const answers = graph.texts.filter((text) => text !== 're: the end')
    expect(answers.toSorted()).toEqual(messages.map((_, index) => `re: ${index}`).toSorted())
  })
})
