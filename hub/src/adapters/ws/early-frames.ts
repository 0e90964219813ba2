import { LIMITS } from '@ai-comms/shared'

/** A frame that came while the sender's credential was still being looked at. */
export interface EarlyFrame {
  readonly data: Buffer
  readonly isBinary: boolean
}

/** Most bytes of early frames, each counted with the largest header that a WebSocket frame may have. */
const EARLY_BYTES_MAX = LIMITS.REGISTER_BYTES_MAX
const HEAD_BYTES = 14

/** What an agent says right behind its registration, kept in order until it is registered. */
export class EarlyFrames {
  readonly #frames: EarlyFrame[] = []
  #bytes = 0

  /** False when it is too much to be kept. */
  offer(frame: EarlyFrame): boolean {
    this.#bytes += frame.data.length + HEAD_BYTES
    if (this.#bytes > EARLY_BYTES_MAX) return false
    this.#frames.push(frame)
    return true
  }

  /** Everything that was kept, oldest first. */
  take(): readonly EarlyFrame[] {
    return this.#frames.splice(0)
  }
}
