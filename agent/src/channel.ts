import { join } from 'node:path'
import { toAgentEvents as toCloudEvents } from './adapters/cloud-api/lines.ts'
import { openCloudApi } from './adapters/cloud-api/open-cloud-api.ts'
import { type ConsoleMessenger, type ConsoleParts, createConsole } from './adapters/console/open-console.ts'
import { systemClock } from './adapters/system/clock.ts'
import { toAgentEvents as toWhatsAppEvents } from './adapters/whatsapp/lines.ts'
import { openWhatsApp } from './adapters/whatsapp/open-whatsapp.ts'
import type { WhatsAppParts } from './adapters/whatsapp/whatsapp-parts.ts'
import type { Config } from './config.ts'
import type { AgentEvent, Observe } from './core/events.ts'
import type { Messenger } from './core/messenger.ts'
import { SILENT_MESSENGER } from './core/silent-messenger.ts'
import type { WhatsAppSettings } from './whatsapp-config.ts'

/** The terminal or the pipe that the process was started with, for an agent whose channel it is. */
export type Streams = Pick<ConsoleParts, 'input' | 'output' | 'errors' | 'isTerminal' | 'isColored'>

/** The human channel of an agent. */
export interface Channel {
  readonly messenger: Messenger
  /** Resolves when whoever started the process has left its terminal; undefined for every other channel. */
  readonly left?: Promise<void>
  /** Whether messages come and go at the moment. */
  readonly isOpen: () => boolean
  /** What its owner should do, in a state that does not end by itself. */
  readonly advice: () => string | undefined
}

/** A chat with whoever started the process. What was typed is kept in the data folder. */
export const openChat = ({ identity, dataDir }: Config, streams: Streams, cancel: () => void): ConsoleMessenger =>
  createConsole({
    ...streams,
    agent: identity.name,
    inputsFile: join(dataDir, 'console-inputs'),
    clock: systemClock,
    cancel,
  })

type Parts = Pick<WhatsAppParts, 'dataDir' | 'admission' | 'agent' | 'clock'>

/** For a test server, which bans nobody. */
const NO_PACE = { gapMsMin: 0, gapMsMax: 0, typingMsPerChar: 0, perMinuteMax: 60_000, burstMax: 1_000 }

/** Tells the events of a room in the words of the whole agent. */
const tell =
  <Event>(toAgentEvents: (event: Event) => readonly AgentEvent[], observe: Observe) =>
  (event: Event): void => {
    for (const each of toAgentEvents(event)) observe(each)
  }

/** The channel of an agent that nobody writes to. */
const NOBODY: Channel = { messenger: SILENT_MESSENGER, isOpen: () => true, advice: () => undefined }

const openLinked = async (settings: WhatsAppSettings, parts: Parts, output: Streams['output'], observe: Observe) => {
  const { isPaced, mediaBytesMax, pairingNumber, takesGroups, url, version } = settings
  return openWhatsApp({
    ...{ ...parts, output, takesGroups, mediaBytesMax, observe: tell(toWhatsAppEvents, observe) },
    ...(pairingNumber === undefined ? {} : { pairingNumber }),
    ...(url === undefined ? {} : { url }),
    ...(version === undefined ? {} : { version }),
    ...(isPaced ? {} : { bounds: NO_PACE }),
  })
}

/**
 * The human channel that the configuration asks for. Nothing is connected before its messenger is started.
 *
 * @param chat the terminal's, which is there before anything else, since the log is shown in it
 * @throws {StartError} when what it keeps cannot be used
 */
export const openChannel = async (
  config: Config,
  chat: ConsoleMessenger | undefined,
  { output }: Streams,
  observe: Observe,
): Promise<Channel> => {
  if (chat) return { messenger: chat, left: chat.left, isOpen: () => true, advice: () => undefined }
  const { admission, channel, dataDir, identity } = config
  const parts: Parts = { dataDir, admission, agent: identity.name, clock: systemClock }
  switch (channel.kind) {
    case 'none':
    case 'console':
      return NOBODY
    case 'linked': {
      const messenger = await openLinked(channel.settings, parts, output, observe)
      return { messenger, isOpen: () => messenger.isOpen, advice: () => messenger.advice }
    }
    case 'cloud': {
      const messenger = await openCloudApi({
        ...parts,
        settings: channel.account,
        observe: tell(toCloudEvents, observe),
      })
      return { messenger, isOpen: () => messenger.isOpen, advice: () => messenger.advice }
    }
  }
}
