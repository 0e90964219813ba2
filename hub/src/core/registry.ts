import { type RegisterFrame, toMatchKey } from '@ai-comms/shared'
import type { Grant } from './grant.ts'
import { HeldTasks } from './held-tasks.ts'
import type { Transport } from './ports.ts'
import type { Bucket } from './quota.ts'

/** Code of a `task-error` by which an agent hands work back because it shuts down. */
export const LEAVING_CODE = 'agent_disconnected'

/** One registered connection of an agent. */
export interface Session {
  readonly id: string
  readonly name: string
  readonly nameKey: string
  readonly workspace: string
  readonly skills: readonly string[]
  readonly skillKeys: ReadonlySet<string>
  readonly level: 1 | 2
  readonly instanceId: string | undefined
  readonly maxConcurrency: number
  readonly description: string | undefined
  readonly version: string | undefined
  readonly transport: Transport
  /** What it has shown at the door; it ends with it. */
  readonly grant: Grant
  /** Counts up over all sessions: the larger, the newer. */
  readonly order: number
  /** Monotonic milliseconds, as all times of a session. */
  readonly connectedAt: number
  lastSeenAt: number
  pingedAt: number
  /** It has handed work back because it shuts down: nothing new is for it while anybody else is there. */
  isLeaving: boolean
  readonly frames: Bucket
  /** Ids of the unanswered tasks it holds. */
  readonly held: HeldTasks
}

/** What a session is made of besides the agent's own words. */
export interface SessionParts {
  readonly id: string
  readonly transport: Transport
  readonly grant: Grant
  readonly frames: Bucket
  readonly now: number
}

/** A session that is gone but whose instance may still come back for its tasks. */
export interface Departure {
  readonly session: Session
  readonly expiresAt: number
}

/** Departures remembered at once: every one needs a registration, so this only bounds an agent that reconnects madly. */
const DEPARTURES_MAX = 10_000

const NOBODY: readonly Session[] = []

/** Under what an agent's installation is known, whatever its session; undefined where it does not name itself. */
const toInstanceKey = ({ nameKey, instanceId }: Pick<Session, 'nameKey' | 'instanceId'>): string | undefined =>
  instanceId === undefined ? undefined : `${nameKey}\n${instanceId}`

/**
 * Under what the session's instance is known when it returns for its tasks;
 * undefined when nobody waits for it: level 1 has no way to say that it begins
 * anew with the same work.
 */
export const toReturnKey = (session: Session): string | undefined =>
  session.level === 2 ? toInstanceKey(session) : undefined

const addTo = (index: Map<string, Session[]>, key: string, session: Session) => {
  const sessions = index.get(key)
  if (sessions === undefined) index.set(key, [session])
  else sessions.push(session)
}

const removeFrom = (index: Map<string, Session[]>, key: string, session: Session) => {
  const sessions = index.get(key)
  const at = sessions?.indexOf(session) ?? -1
  if (sessions === undefined || at < 0) return
  sessions.splice(at, 1)
  if (sessions.length === 0) index.delete(key)
}

/**
 * Who is here and what they can. Lists under a name or a skill are in order of
 * registration, oldest first.
 */
export class Registry {
  readonly #sessions = new Map<string, Session>()
  readonly #byName = new Map<string, Session[]>()
  readonly #bySkill = new Map<string, Session[]>()
  readonly #byInstance = new Map<string, Session>()
  readonly #departures = new Map<string, Departure>()
  #order = 0

  get count(): number {
    return this.#sessions.size
  }

  /** All sessions in order of registration. */
  sessions(): IterableIterator<Session> {
    return this.#sessions.values()
  }

  /** Keys of all names that have a session. */
  nameKeys(): IterableIterator<string> {
    return this.#byName.keys()
  }

  find(sessionId: string): Session | undefined {
    return this.#sessions.get(sessionId)
  }

  findByName(nameKey: string): readonly Session[] {
    return this.#byName.get(nameKey) ?? NOBODY
  }

  findBySkill(skillKey: string): readonly Session[] {
    return this.#bySkill.get(skillKey) ?? NOBODY
  }

  /** The session that a registration would replace: same name, same instance. */
  findInstance({ name, instanceId }: RegisterFrame): Session | undefined {
    const instanceKey = toInstanceKey({ nameKey: toMatchKey(name), instanceId })
    return instanceKey === undefined ? undefined : this.#byInstance.get(instanceKey)
  }

  add(register: RegisterFrame, parts: SessionParts): Session {
    const session: Session = {
      id: parts.id,
      name: register.name,
      nameKey: toMatchKey(register.name),
      workspace: register.workspace,
      skills: register.skills,
      skillKeys: new Set(register.skills.map(toMatchKey)),
      level: (register.protocol ?? 1) >= 2 ? 2 : 1,
      instanceId: register.instanceId,
      maxConcurrency: register.maxConcurrency ?? Number.POSITIVE_INFINITY,
      description: register.description,
      version: register.version,
      transport: parts.transport,
      grant: parts.grant,
      order: ++this.#order,
      connectedAt: parts.now,
      lastSeenAt: parts.now,
      pingedAt: parts.now,
      isLeaving: false,
      frames: parts.frames,
      held: new HeldTasks(),
    }
    this.#sessions.set(session.id, session)
    addTo(this.#byName, session.nameKey, session)
    for (const key of session.skillKeys) addTo(this.#bySkill, key, session)
    const instanceKey = toInstanceKey(session)
    if (instanceKey !== undefined) this.#byInstance.set(instanceKey, session)
    return session
  }

  /** Takes a session out; false when it was out already, so that a late close changes nothing. */
  remove(session: Session): boolean {
    if (!this.#sessions.delete(session.id)) return false
    removeFrom(this.#byName, session.nameKey, session)
    for (const key of session.skillKeys) removeFrom(this.#bySkill, key, session)
    const instanceKey = toInstanceKey(session)
    if (instanceKey !== undefined && this.#byInstance.get(instanceKey) === session) this.#byInstance.delete(instanceKey)
    return true
  }

  /**
   * Remembers that a session's instance may come back until `expiresAt`.
   * Returns what had to be forgotten for it, or undefined.
   */
  depart(session: Session, expiresAt: number): Session | undefined {
    const instanceKey = toInstanceKey(session)
    if (instanceKey === undefined) return undefined
    this.#departures.set(instanceKey, { session, expiresAt })
    const [oldest] = this.#departures.values()
    if (this.#departures.size <= DEPARTURES_MAX || oldest === undefined) return undefined
    this.takeDeparture(oldest.session)
    return oldest.session
  }

  /** The lost session whose instance has just come back as `session`, once. */
  takeDeparture(session: Session): Session | undefined {
    const instanceKey = toInstanceKey(session)
    const departure = instanceKey === undefined ? undefined : this.#departures.get(instanceKey)
    if (instanceKey === undefined || departure === undefined) return undefined
    this.#departures.delete(instanceKey)
    return departure.session
  }

  departures(): IterableIterator<Departure> {
    return this.#departures.values()
  }

  /** Whether this session's instance may be waited for once it is gone. */
  mayReturn(session: Session): boolean {
    return toReturnKey(session) !== undefined
  }
}
