import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { createAgent } from '@ai-comms/agent'
import { describe, expect, test } from 'vitest'
import { listTasks, untilAllOver } from '../helpers/all-tasks.ts'
import { openDataFolder } from '../helpers/data-folder.ts'
import { HubLives } from '../helpers/hub-lives.ts'
import { drawFrom } from '../helpers/random.ts'

const KILLS = 20
const SUBMITTERS = 8
/** Longest life after the hub listens, and longest start that is cut off, in milliseconds. */
const LIFE_MS_MAX = 250
/** Of this share of the lives not even the start is awaited. */
const EARLY_KILLS = 0.25
/** Longest time between two tasks of a submitter, and longest work on one, in milliseconds. */
const THINKING_MS_MAX = 60
const WORK_MS_MAX = 20
/** All seeds together take less than a minute on an idle machine. */
const SEED_MS_MAX = 120_000
const BROKEN = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE'])

const isBroken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && BROKEN.has(error.code)

/** One hub that is killed again and again, those who submit to it, and the agent that works for them. */
class Stage implements AsyncDisposable {
  readonly hub: HubLives
  /** The ids that each key was ever answered with. */
  readonly idsOf = new Map<string, Set<string>>()
  readonly executions = new Map<string, number>()
  readonly #draw: () => number
  readonly #agent: ReturnType<typeof createAgent> | undefined
  #up = Promise.withResolvers<void>()
  #isOver = false

  constructor(hub: HubLives, seed: number) {
    this.hub = hub
    this.#draw = drawFrom(seed)
    this.#agent = createAgent({
      name: 'worker',
      skills: ['work'],
      hubUrl: hub.url,
      hubSecret: hub.secret,
      maxConcurrency: 8,
      linkBounds: { baseMs: 30, capMs: 60 },
      onTask: async ({ requestId, message }) => {
        this.executions.set(requestId, (this.executions.get(requestId) ?? 0) + 1)
        await pause(this.#draw() * WORK_MS_MAX)
        return `did ${message}`
      },
    })
  }

  /** Everything, until nothing is open any more. */
  async play(): Promise<void> {
    void this.#agent?.start()
    const submitters = Array.from({ length: SUBMITTERS }, (_, at) => this.#submitAgainAndAgain(at))
    await Promise.all([this.#killAgainAndAgain(), ...submitters])
    await untilAllOver(this.hub)
  }

  async #killAgainAndAgain(): Promise<void> {
    for (let kill = 0; kill < KILLS; kill++) {
      const isEarly = this.#draw() < EARLY_KILLS
      if (isEarly) await this.hub.spawn()
      else await this.#start()
      await pause(this.#draw() * LIFE_MS_MAX)
      if (!isEarly) this.#up = Promise.withResolvers()
      await this.hub.kill()
    }
    this.#isOver = true
    await this.#start()
  }

  async #start(): Promise<void> {
    await this.hub.start()
    this.#up.resolve()
  }

  async #submitAgainAndAgain(submitter: number): Promise<void> {
    for (let count = 0; !this.#isOver; count++) {
      await this.#submit(`${submitter}-${count}`)
      await pause(this.#draw() * THINKING_MS_MAX)
    }
  }

  /** Submits one task under one key, until an answer comes; in the end also once too often. */
  async #submit(key: string): Promise<void> {
    const target = this.#draw() < 0.25 ? { skill: 'work' } : { agent: 'worker' }
    const ids = new Set<string>()
    this.idsOf.set(key, ids)
    for (let answers = this.#draw() < 0.1 ? 2 : 1; answers > 0; ) {
      await this.#up.promise
      const id = await this.#post(key, target)
      if (id === undefined) continue
      ids.add(id)
      answers--
    }
  }

  /** @returns undefined when the connection broke: whether the task was taken is not known */
  async #post(key: string, target: object): Promise<string | undefined> {
    try {
      const headers = { 'idempotency-key': key }
      const { status, text, body } = await this.hub.call('POST', '/tasks', {
        headers,
        body: { ...target, message: key },
      })
      if (status !== 202) throw new Error(`POST /tasks was answered with ${status} ${text}`)
      return String(body?.['id'])
    } catch (error) {
      if (isBroken(error)) return undefined
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    await this.#agent?.stop()
  }
}

const playSeed = async (seed: number): Promise<void> => {
  await using folder = await openDataFolder()
  await using hub = new HubLives({ HUB_DATA_DIR: folder.path })
  await hub.start()
  // The agent and the submitters know where to find it from now on, and each life is one that is killed
  await hub.stop()
  await using stage = new Stage(hub, seed)
  await stage.play()

  const listed = await listTasks(hub, { limit: '200' })
  const promised = [...stage.idsOf.values()].flatMap((ids) => [...ids])
  expect(new Set(promised).size, 'one task for each key').toBe(stage.idsOf.size)
  expect(listed.map(({ id }) => id).sort(), 'what was promised, and nothing else').toEqual(promised.sort())
  for (const { id, message, state, response } of listed) {
    expect({ state, response }).toEqual({ state: 'completed', response: `did ${message}` })
    expect(stage.idsOf.get(String(message)), 'the key of the task').toContain(id)
  }
  expect(
    [...stage.executions].filter(([, count]) => count !== 1),
    'executions that were not one',
  ).toEqual([])
  expect([...stage.executions.keys()].sort()).toEqual(promised)
}

const SEEDS = Array.from({ length: 10 }, () => randomInt(2 ** 31))

// Half of each life is waiting, so a few of them go together
describe.concurrent('whatever was answered with 202 survives twenty kills of the hub and is done once', () => {
  test.each(SEEDS)('with seed %i', { timeout: SEED_MS_MAX }, playSeed)
})
