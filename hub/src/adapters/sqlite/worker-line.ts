import { Worker } from 'node:worker_threads'
import { StorageError } from '../../core/durable/task-store.ts'
import type { Lines, Question, Reply } from './lines.ts'
import { troubleWith } from './storage-trouble.ts'

interface Asked {
  resolve(answer: unknown): void
  reject(error: StorageError): void
}

/** A thread of its own and the line to it. It keeps the process alive just while it owes an answer. */
export class WorkerLine<Known extends Lines> {
  readonly #worker: Worker
  readonly #file: string
  readonly #asked = new Map<number, Asked>()
  #lastId = 0
  #cause: unknown
  #hasEnded = false
  #isClosing = false
  /** Resolves when the thread is gone and has let go of everything. */
  readonly ended: Promise<void>

  /** @param file what troubles are about */
  constructor(program: URL, file: string, workerData: unknown) {
    this.#file = file
    this.#worker = new Worker(program, { workerData })
    this.#worker.unref()
    this.#worker.on('message', (reply: Reply) => this.#hear(reply))
    this.#worker.on('error', (error) => {
      this.#cause = error
    })
    const { promise, resolve } = Promise.withResolvers<void>()
    this.ended = promise
    this.#worker.on('exit', () => {
      this.#rejectAll()
      resolve()
    })
  }

  /** Whether the thread is gone, as it was asked to or not. */
  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** @throws {StorageError} what the thread says, or `failed` when it ends without an answer */
  ask<Name extends keyof Known & string>(
    name: Name,
    question: Known[Name]['question'],
  ): Promise<Known[Name]['answer']> {
    return new Promise((resolve, reject) => {
      if (this.#hasEnded) {
        reject(this.#toTrouble())
        return
      }
      const id = this.#send(name, question)
      // What crosses between threads has lost its type; both ends are held to the same lines
      this.#asked.set(id, { resolve: (answer) => resolve(answer as Known[Name]['answer']), reject })
    })
  }

  /** Lets the thread finish what it was asked and let go of its files, and waits until it is gone. */
  async close(): Promise<void> {
    if (!this.#hasEnded && !this.#isClosing) {
      this.#isClosing = true
      this.#send('close', undefined)
    }
    await this.ended
  }

  #send(name: string, question: unknown): number {
    const message: Question = { id: ++this.#lastId, name, question }
    this.#worker.postMessage(message)
    if (this.#asked.size === 0) this.#worker.ref()
    return message.id
  }

  #hear(reply: Reply): void {
    const asked = this.#asked.get(reply.id)
    this.#asked.delete(reply.id)
    if (this.#asked.size === 0 && !this.#isClosing) this.#worker.unref()
    if (reply.kind === 'answer') asked?.resolve(reply.answer)
    else asked?.reject(new StorageError(reply.trouble, reply.message))
  }

  #rejectAll(): void {
    this.#hasEnded = true
    for (const { reject } of this.#asked.values()) reject(this.#toTrouble())
    this.#asked.clear()
  }

  #toTrouble(): StorageError {
    return troubleWith('failed', this.#file, 'its thread ended without an answer', this.#cause)
  }
}

/** Keeps a line at hand: starts the thread when it is first needed, and a new one when it was lost. */
export class LineKeeper<Known extends Lines> {
  readonly #start: (isReturn: boolean) => Promise<WorkerLine<Known>>
  #line: WorkerLine<Known> | undefined
  #starting: Promise<WorkerLine<Known>> | undefined

  constructor(start: (isReturn: boolean) => Promise<WorkerLine<Known>>) {
    this.#start = start
  }

  /** A line that was alive a moment ago. @throws {StorageError} why it cannot be started */
  async get(): Promise<WorkerLine<Known>> {
    if (this.#line !== undefined && !this.#line.hasEnded) return this.#line
    this.#starting ??= this.#start(this.#line !== undefined).finally(() => {
      this.#starting = undefined
    })
    this.#line = await this.#starting
    return this.#line
  }

  /** Ends the thread after what it was asked for. */
  async close(): Promise<void> {
    await Promise.allSettled([this.#starting])
    await this.#line?.close()
  }
}
