import type { VersionSource } from './events.ts'
import type { WebVersion } from './whatsapp-parts.ts'

/** Where a version may come from. */
export interface VersionSources {
  readonly configured: WebVersion | undefined
  /** Asks for the newest one; undefined when nobody answers in time. */
  readonly fetchNewest: () => Promise<WebVersion | undefined>
  /** The last one with which WhatsApp let us in. */
  readonly findKept: () => WebVersion | undefined
  readonly builtIn: WebVersion
}

/** A version and where it was found. */
export interface FoundVersion {
  readonly version: WebVersion
  readonly source: VersionSource
}

/** As it is written in settings, such as `2.3000.1043857760`. */
export const parseVersion = (text: string): WebVersion | undefined => {
  const [, first, second, third] = /^(\d{1,4})\.(\d{1,6})\.(\d{1,12})$/.exec(text) ?? []
  return third === undefined ? undefined : [Number(first), Number(second), Number(third)]
}

/**
 * The version of WhatsApp Web that this device says it is. The one that Baileys was released with is refused within
 * months, so it is the last resort. The newest is asked for once, and again when WhatsApp says that it was too old.
 */
export class AppVersion {
  readonly #sources: VersionSources
  #isRefused = false
  #newest: Promise<WebVersion | undefined> | undefined

  constructor(sources: VersionSources) {
    this.#sources = sources
  }

  async find(): Promise<FoundVersion> {
    const { configured, fetchNewest, findKept, builtIn } = this.#sources
    if (configured && !this.#isRefused) return { version: configured, source: 'configured' }
    this.#newest ??= fetchNewest()
    const newest = await this.#newest
    if (newest) return { version: newest, source: 'web' }
    const kept = findKept()
    return kept ? { version: kept, source: 'kept' } : { version: builtIn, source: 'built-in' }
  }

  /** The last one was too old: the newest is asked for anew, whatever is configured. */
  refresh(): void {
    this.#isRefused = true
    this.#newest = undefined
  }
}
