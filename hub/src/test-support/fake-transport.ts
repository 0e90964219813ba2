import type { CloseReason, HubFrame, HubFrameOf } from '@ai-comms/shared'
import type { Delivery, Transport } from '../core/ports.ts'

/** A way out that keeps what was sent. Once closed, cut or broken it takes nothing more, as a socket. */
export class FakeTransport implements Transport {
  readonly sent: HubFrame[] = []
  readonly written: Uint8Array[] = []
  pings = 0
  closedBy: CloseReason | 'terminated' | undefined
  bufferedBytes = 0
  isBacklogged = false
  #isBroken = false

  send(frame: HubFrame): Delivery {
    if (this.#isOffline) return 'offline'
    this.sent.push(frame)
    return 'sent'
  }

  write(frames: Uint8Array): Delivery {
    if (this.#isOffline) return 'offline'
    this.written.push(frames)
    return 'sent'
  }

  ping(): void {
    if (!this.#isOffline) this.pings += 1
  }

  close(reason: CloseReason): void {
    this.closedBy ??= reason
  }

  terminate(): void {
    this.closedBy ??= 'terminated'
  }

  /** The peer is gone, and the hub has not been told yet. */
  break(): void {
    this.#isBroken = true
  }

  /** The frames of one type, oldest first. */
  sentOf<Type extends HubFrame['type']>(type: Type): HubFrameOf<Type>[] {
    return this.sent.filter((frame): frame is HubFrameOf<Type> => frame.type === type)
  }

  get #isOffline(): boolean {
    return this.#isBroken || this.closedBy !== undefined
  }
}
