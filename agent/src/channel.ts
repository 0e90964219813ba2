import { join } from 'node:path'
import { toAgentEvents as toCloudEvents } from './adapters/cloud-api/lines.ts'
import { openCloudApi } from './adapters/cloud-api/open-cloud-api.ts'
import { type ConsoleMessenger, type ConsoleParts, createConsole } from './adapters/console/open-console.ts'
import { systemClock } from './adapters/system/clock.ts'
import { toAgentEvents as toWhatsAppEvents } from './adapters/whatsapp/lines.ts'
import { openWhatsApp } from './adapters/whatsapp/open-whatsapp.ts'
import type { Config } from './config.ts'
import type { AgentEvent, Observe } from './core/events.ts'
import type { Messenger } from './core/messenger.ts'
import { SILENT_MESSENGER } from './core/silent-messenger.ts'

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

/** The chat as a channel. */
export const toChannel = (chat: ConsoleMessenger): Channel => ({
  messenger: chat,
  left: chat.left,
  isOpen: () => true,
  advice: () => undefined,
})

/** For a test server, which bans nobody. */
const NO_PACE = { gapMsMin: 0, gapMsMax: 0, typingMsPerChar: 0, perMinuteMax: 60_000, burstMax: 1_000 }

/** Tells the events of a room in the words of the whole agent. */
const tell =
  <Event>(toAgentEvents: (event: Event) => readonly AgentEvent[], observe: Observe) =>
  (event: Event): void => {
    for (const each of toAgentEvents(event)) observe(each)
  }

/**
 * The human channel that the configuration asks for, besides the terminal. Nothing is connected before its messenger is
 * started.
 *
 * @throws {StartError} when what it keeps cannot be used
 */
export const openChannel = async (config: Config, { output }: Streams, observe: Observe): Promise<Channel> => {
  if (config.platform !== 'whatsapp') {
    return { messenger: SILENT_MESSENGER, isOpen: () => true, advice: () => undefined }
  }
  const { admission, cloud, dataDir, identity, whatsapp } = config
  const parts = { dataDir, admission, agent: identity.name, clock: systemClock }
  if (whatsapp.mode === 'cloud' && cloud) {
    const onCloud = await openCloudApi({ ...parts, settings: cloud, observe: tell(toCloudEvents, observe) })
    return { messenger: onCloud, isOpen: () => onCloud.isOpen, advice: () => onCloud.advice }
  }
  const { pairingNumber, url, version } = whatsapp
  const messenger = await openWhatsApp({
    ...{ ...parts, output, observe: tell(toWhatsAppEvents, observe) },
    takesGroups: whatsapp.takesGroups,
    mediaBytesMax: whatsapp.mediaBytesMax,
    ...(pairingNumber === undefined ? {} : { pairingNumber }),
    ...(url === undefined ? {} : { url }),
    ...(version === undefined ? {} : { version }),
    ...(whatsapp.isPaced ? {} : { bounds: NO_PACE }),
  })
  return { messenger, isOpen: () => messenger.isOpen, advice: () => messenger.advice }
}
