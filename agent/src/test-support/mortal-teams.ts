import type { HubCalls } from '../core/hub-calls.ts'
import type { Clock } from '../core/ports.ts'
import type { TeamParts } from '../core/team/team-parts.ts'
import type { TeamStore } from '../core/team/team-store.ts'
import { Teams } from '../core/team/teams.ts'

/** When a process is killed: at its n-th call of the world, before that has an effect or right after. */
export interface Death {
  readonly atCall: number
  readonly isBefore: boolean
}

/** A process that has died does nothing any more. */
class Dead extends Error {}

const never = <Value>(): Promise<Value> => new Promise(() => {})

/** The world of one process, which has no effect on anything once it is dead. */
export class Mortal {
  #calls = 0
  readonly #death: Death | undefined
  isDead = false

  constructor(death: Death | undefined) {
    this.#death = death
  }

  /** Teams whose every call goes through this world. */
  build(parts: TeamParts): Teams {
    return new Teams({
      ...parts,
      hub: this.#hub(parts.hub),
      store: this.#store(parts.store),
      clock: this.#clock(parts.clock),
      ask: (prompt, options) => this.#far(() => parts.ask(prompt, options)),
      say: (...args) => this.#far(async () => parts.say(...args)),
      progress: (...args) => this.#far(async () => parts.progress(...args)),
      observe: (event) => {
        if (!this.isDead) parts.observe(event)
      },
    })
  }

  /** A call whose effect comes at once. */
  #near<Value>(act: () => Value): Value {
    if (this.isDead) throw new Dead()
    const dies = ++this.#calls === this.#death?.atCall
    if (dies && this.#death?.isBefore) this.#die()
    const value = act()
    if (dies) this.#die()
    return value
  }

  #die(): never {
    this.isDead = true
    throw new Dead()
  }

  /** A call that is answered later, perhaps to nobody. */
  async #far<Value>(act: () => Promise<Value>): Promise<Value> {
    let answer: Promise<Value> | undefined
    try {
      answer = this.#near(() => {
        const begun = act()
        // a process that dies at this call hears no answer, not even a failure
        begun.catch(() => undefined)
        return begun
      })
    } catch (error) {
      if (error instanceof Dead) return never()
      throw error
    }
    const outcome = await answer.then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    )
    if (this.isDead) return never()
    if ('error' in outcome) throw outcome.error
    return outcome.value
  }

  #hub(hub: HubCalls): HubCalls {
    return {
      readHealth: () => this.#far(() => hub.readHealth()),
      listAgents: () => this.#far(() => hub.listAgents()),
      callAgent: (task) => this.#far(() => hub.callAgent(task)),
      broadcast: (...args) => this.#far(() => hub.broadcast(...args)),
      submitTask: (task) => this.#far(() => hub.submitTask(task)),
      watchTask: (...args) => this.#far(() => hub.watchTask(...args)),
      cancelTask: (taskId) => this.#far(() => hub.cancelTask(taskId)),
    }
  }

  #store(store: TeamStore): TeamStore {
    return {
      list: () => this.#near(() => store.list()),
      saveRun: (run) => this.#near(() => store.saveRun(run)),
      saveStep: (...args) => this.#near(() => store.saveStep(...args)),
      end: (runId) => this.#near(() => store.end(runId)),
    }
  }

  #clock(clock: Clock): Clock {
    const act = (then: () => void) => () => {
      if (!this.isDead) then()
    }
    return { now: () => clock.now(), after: (delayMs, then) => clock.after(delayMs, act(then)) }
  }
}
