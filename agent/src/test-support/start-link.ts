import type { HubFrameOf } from '@ai-comms/shared'
import { HubLink } from '../adapters/hub/hub-link.ts'
import type { LinkBounds, LinkParts } from '../adapters/hub/link-parts.ts'
import { systemClock } from '../adapters/system/clock.ts'
import type { AgentEvent } from '../core/events.ts'
import { Queue } from './queue.ts'

/** Waits so short that a test sees every one of them. */
export const QUICK: Partial<LinkBounds> = { baseMs: 10, capMs: 20, backOffMsMin: 10, lockedOutMsMin: 10 }

/** A real link with short waits, and what it told. */
export class TestLink {
  readonly link: HubLink
  readonly events = new Queue<AgentEvent>()
  readonly all: AgentEvent[] = []
  readonly tasks = new Queue<HubFrameOf<'task'>>()
  readonly cancels = new Queue<{ requestId: string; reason: string }>()

  constructor(url: string | undefined, bounds: Partial<LinkBounds> = {}, more: Partial<LinkParts> = {}) {
    this.link = new HubLink({
      url: url === undefined ? undefined : new URL(url.replace(/^http/, 'ws')),
      registration: { type: 'register', name: 'Atlas', secret: 'the-secret', protocol: 2, instanceId: 'i1' },
      clock: systemClock,
      observe: (event) => {
        this.all.push(event)
        this.events.push(event)
      },
      bounds: { ...QUICK, ...bounds },
      ...more,
    })
    this.link.start({
      performTask: (frame) => this.tasks.push(frame),
      cancelTask: (requestId, reason) => this.cancels.push({ requestId, reason }),
    })
  }

  /** The next event of a type. */
  until<Type extends AgentEvent['type']>(type: Type): Promise<Extract<AgentEvent, { type: Type }>> {
    return this.events.until((event): event is Extract<AgentEvent, { type: Type }> => event.type === type)
  }

  /** Sends an answer to a task. */
  answer(requestId: string, response = 'ok'): string {
    return this.link.send({ type: 'task-response', requestId, response })
  }

  /** Stops the link. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.link.stop()
  }
}
