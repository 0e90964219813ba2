import type { Clock } from '../../core/ports.ts'
import type { Courier } from './courier.ts'
import type { ObserveCloud } from './events.ts'
import { toRefusalClass, toRefusedEvent, WINDOW_SENTENCE } from './graph-errors.ts'
import type { Act } from './intake.ts'
import type { Found, Outbox } from './outbox.ts'
import type { WireStatus } from './webhook-body.ts'

/** What taking statuses takes. */
export interface StatusesParts {
  readonly outbox: Outbox
  readonly courier: Pick<Courier, 'deliver' | 'giveUp' | 'toRetryMs'>
  readonly clock: Clock
  readonly observe: ObserveCloud
  /** How often a message is sent that Meta takes and then does not deliver. */
  readonly deliveriesMax: number
}

/** The name that we gave an attempt to send a message. */
const REFERENCE = /^(?<id>[0-9a-f-]{36})\.(?<attempt>\d{1,4})$/
/** A code for a status that says none. */
const NO_CODE = -1

const nothing: Act = () => undefined

const readReference = (text: string | undefined) => {
  const { id, attempt } = REFERENCE.exec(text ?? '')?.groups ?? {}
  return id === undefined ? undefined : { id, attempt: Number(attempt) }
}

/** Whether a message may still fail: it has not arrived, and was not given up. */
const mayFail = ({ state, isNewest }: Found): boolean =>
  isNewest && (state === 'queued' || state === 'sending' || state === 'accepted')

/** Takes what Meta says of messages after it has them, in whatever order and however often it comes. */
export class Statuses {
  readonly #parts: StatusesParts

  constructor(parts: StatusesParts) {
    this.#parts = parts
  }

  /** Writes a status down, as a part of a transaction; what is returned is to be done after it. */
  take({ id: wamid, status, errors, biz_opaque_callback_data: reference }: WireStatus): Act {
    const found = this.#parts.outbox.find({ wamid, sent: readReference(reference) })
    if (!found) return nothing
    switch (status) {
      case 'sent':
        return this.#reach(found, wamid, 'accepted')
      case 'delivered':
      case 'read':
        return this.#reach(found, wamid, status)
      case 'failed':
        return mayFail(found) ? this.#fail(found, errors?.[0]?.code ?? NO_CODE) : nothing
      default:
        return nothing
    }
  }

  #reach(found: Found, wamid: string, state: 'accepted' | 'delivered' | 'read'): Act {
    const { clock, courier, observe, outbox } = this.#parts
    const { accepted, isNews } = outbox.noteReached(found, wamid, state, clock.now())
    const messageId = found.id
    return () => {
      if (accepted) {
        observe({ type: 'cloud.accepted', messageId, attempt: accepted.attempt, ackMs: accepted.ackMs })
        courier.deliver()
      }
      if (isNews && state !== 'accepted') observe({ type: 'cloud.delivered', messageId, state })
    }
  }

  /** Meta took a message, and says later that it cannot be delivered. */
  #fail(found: Found, code: number): Act {
    const { deliveriesMax } = this.#parts
    switch (toRefusalClass({ status: 400, code, isTransient: false })) {
      case 'outside-window':
        return this.#giveUp(
          found,
          () => {
            const { observe } = this.#parts
            observe({ type: 'cloud.outside-window', messageId: found.id, sentence: WINDOW_SENTENCE })
          },
          'outside-window',
        )
      case 'limited':
      case 'chat-limited':
      case 'unwell':
        return found.attempts < deliveriesMax ? this.#sendAgain(found, code) : this.#refuse(found, code)
      default:
        return this.#refuse(found, code)
    }
  }

  #sendAgain(found: Found, code: number): Act {
    const { clock, courier, outbox } = this.#parts
    outbox.sendAgain(found.seq, clock.now() + courier.toRetryMs(found.attempts))
    return () => {
      this.#tell(found, code, false)
      courier.deliver()
    }
  }

  #refuse(found: Found, code: number): Act {
    return this.#giveUp(found, () => this.#tell(found, code, true), 'refused')
  }

  #giveUp(found: Found, tell: Act, why: 'refused' | 'outside-window'): Act {
    const ids = this.#parts.outbox.fail(found.id)
    return () => {
      tell()
      for (const messageId of ids) this.#parts.observe({ type: 'cloud.given-up', messageId, why })
    }
  }

  #tell({ id }: Found, code: number, isFinal: boolean): void {
    this.#parts.observe(toRefusedEvent(id, code, isFinal))
  }
}
