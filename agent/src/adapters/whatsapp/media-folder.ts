import { createWriteStream, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Clock } from '../../core/ports.ts'
import type { Complain } from './complain.ts'
import type { ObserveWhatsApp } from './events.ts'
import type { Attachment } from './open-media.ts'

/** Name of the folder in the data folder. */
export const MEDIA_FOLDER = 'media'

/** Files that are fetched at the same time; more are let go. */
const FETCHES_MAX = 3
/** Longest that one may take, in milliseconds. */
const FETCH_MS_MAX = 120_000
/** Files that are kept, the newest. */
const FILES_MAX = 200

/** Endings of files that are told by their kind; whatever else somebody says a file is, it is just bytes. */
const ENDINGS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'video/mp4': 'mp4',
  'audio/ogg': 'ogg',
  'audio/mpeg': 'mp3',
  'audio/mp4': 'm4a',
  'application/pdf': 'pdf',
  'text/plain': 'txt',
}

/** What keeping files takes. */
export interface MediaParts {
  readonly dataDir: string
  /** Largest file that is kept, in bytes; none is for 0. */
  readonly bytesMax: number
  readonly clock: Clock
  readonly observe: ObserveWhatsApp
  readonly complain: Complain
  /** Fetches a file; undefined while there is no connection. */
  readonly open: (attachment: Attachment) => Promise<AsyncIterable<Uint8Array>> | undefined
}

/** Ends a stream that is longer than it may be. */
const atMost = (bytesMax: number): Transform => {
  let bytes = 0
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      bytes += chunk.length
      done(bytes > bytesMax ? new RangeError('The file is too large') : null, chunk)
    },
  })
}

/** Keeps files of people who may write, if the owner wants them: so many, so large, for this user alone. */
export class MediaFolder {
  readonly #parts: MediaParts
  readonly #folder: string
  #fetches = 0

  constructor(parts: MediaParts) {
    this.#parts = parts
    this.#folder = join(parts.dataDir, MEDIA_FOLDER)
  }

  /** Fetches a file, unless it is too large or there are too many at once. Nobody waits for it. */
  offer(messageId: string, attachment: Attachment): void {
    const { bytesMax, observe, open } = this.#parts
    if (bytesMax === 0) return
    if (attachment.bytes > bytesMax) observe({ type: 'whatsapp.media-skipped', messageId, why: 'too-large' })
    else if (this.#fetches >= FETCHES_MAX) observe({ type: 'whatsapp.media-skipped', messageId, why: 'too-many' })
    else {
      const fetching = open(attachment)
      if (fetching) void this.#save(messageId, attachment, fetching)
    }
  }

  async #save(
    messageId: string,
    { kind, mimetype }: Attachment,
    fetching: Promise<AsyncIterable<Uint8Array>>,
  ): Promise<void> {
    const { bytesMax, clock, complain, observe } = this.#parts
    this.#fetches += 1
    // by the time first, so that the names are in order; never by a name that somebody else has chosen
    const stamp = new Date(clock.now()).toISOString().replaceAll(/[-:]|\.\d+/g, '')
    const name = `${stamp}-${messageId.replaceAll(/[^0-9A-Za-z-]/g, '').slice(0, 60)}`
    const file = join(this.#folder, `${name}.${ENDINGS[mimetype.split(';')[0]?.trim() ?? ''] ?? 'bin'}`)
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
      const bytes = Readable.from(await fetching)
      const part = createWriteStream(`${file}.part`, { mode: 0o600, flags: 'wx' })
      await pipeline(bytes, atMost(bytesMax), part, { signal: AbortSignal.timeout(FETCH_MS_MAX) })
      renameSync(`${file}.part`, file)
      this.#makeRoom()
      observe({ type: 'whatsapp.media-saved', messageId, media: kind })
    } catch (error) {
      rmSync(`${file}.part`, { force: true })
      observe({ type: 'whatsapp.media-skipped', messageId, why: 'failed' })
      complain('save-media', error)
    } finally {
      this.#fetches -= 1
    }
  }

  #makeRoom(): void {
    const files = readdirSync(this.#folder).toSorted()
    for (const file of files.slice(0, Math.max(0, files.length - FILES_MAX))) rmSync(join(this.#folder, file))
  }
}
