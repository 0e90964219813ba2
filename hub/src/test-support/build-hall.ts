import type { RegisterFrame } from '@ai-comms/shared'
import { MemoryTaskStore } from '../adapters/memory/task-store.ts'
import type { TaskStore } from '../core/durable/task-store.ts'
import type { HubEvent } from '../core/events.ts'
import { type Grant, MASTER_GRANT } from '../core/grant.ts'
import { Hub, type HubSettings } from '../core/hub.ts'
import type { Session } from '../core/registry.ts'
import { FakeClock } from './fake-clock.ts'
import { FakePresence } from './fake-presence.ts'
import { FakeTransport } from './fake-transport.ts'

/** A registration as the schema hands it on. */
export const toRegister = (given: Partial<RegisterFrame> = {}): RegisterFrame => ({
  type: 'register',
  name: 'worker',
  workspace: '',
  skills: [],
  ...given,
})

/** The settings of a hub that nobody has configured. */
export const SETTINGS: HubSettings = {
  maxAgents: 50,
  maxPayloadBytes: 1_048_576,
  maxFramesPerS: 2_000,
  taskTimeoutMs: 175_000,
  broadcastCooldownMs: 0,
  taskRetentionMs: 604_800_000,
}

/** A session and the way out that it was opened with. */
export interface Guest {
  readonly session: Session
  readonly transport: FakeTransport
}

/** A hall with fakes at all of its ports. */
export interface Hall {
  readonly hub: Hub
  readonly clock: FakeClock
  readonly presence: FakePresence
  readonly events: readonly HubEvent[]
  /** Opens a session as the WebSocket adapter would. */
  open(given?: Partial<RegisterFrame>, grant?: Grant): Guest
  /** Events of one type, oldest first. */
  eventsOf<Type extends HubEvent['type']>(type: Type): Extract<HubEvent, { type: Type }>[]
}

/** Builds a hall whose ids count up: `id-1`, `id-2`, … */
export const buildHall = (settings: Partial<HubSettings> = {}, store: TaskStore = new MemoryTaskStore()): Hall => {
  const clock = new FakeClock()
  const presence = new FakePresence()
  const events: HubEvent[] = []
  let lastId = 0
  const hub = new Hub({
    clock,
    presence,
    store,
    observe: (event) => events.push(event),
    newId: () => `id-${++lastId}`,
    settings: { ...SETTINGS, ...settings },
  })
  return {
    hub,
    clock,
    presence,
    events,
    open: (given, grant = MASTER_GRANT) => {
      const transport = new FakeTransport()
      return { session: hub.openSession(toRegister(given), transport, grant), transport }
    },
    eventsOf: <Type extends HubEvent['type']>(type: Type) =>
      events.filter((event): event is Extract<HubEvent, { type: Type }> => event.type === type),
  }
}
