import { type Environment, oneOf } from '@ai-comms/shared'
import { z } from 'zod'
import { type CloudApiSettings, cloudVariables, findCloudMistakes, toCloudSettings } from './cloud-config.ts'
import { toWhatsAppSettings, type WhatsAppSettings, whatsappVariables } from './whatsapp-config.ts'

/** The channel by which people write to the agent. */
export type ChannelSettings =
  | { readonly kind: 'none' }
  /** The terminal or the pipe that the agent is started with. */
  | { readonly kind: 'console' }
  /** A device that is linked to a WhatsApp account. */
  | { readonly kind: 'linked'; readonly settings: WhatsAppSettings }
  /** WhatsApp by Meta's Cloud API. */
  | { readonly kind: 'cloud'; readonly account: CloudApiSettings }

/** The variables that say by which channel people write to the agent. */
export const channelVariables = {
  PLATFORM: oneOf(['none', 'console', 'whatsapp']).default('none'),
  WHATSAPP_MODE: oneOf(['baileys', 'cloud']).default('baileys'),
  ...whatsappVariables,
  ...cloudVariables,
}

const schema = z.object(channelVariables)

/** Those variables, read. */
export type ChannelValues = z.output<typeof schema>

/** Which channel is chosen, whatever else is wrong; nothing where its own words cannot be read. */
const findKind = (env: Environment): ChannelSettings['kind'] | undefined => {
  const { PLATFORM, WHATSAPP_MODE } = schema.shape
  const platform = PLATFORM.safeParse(env['PLATFORM']?.trim() || undefined).data
  if (platform !== 'whatsapp') return platform
  const mode = WHATSAPP_MODE.safeParse(env['WHATSAPP_MODE']?.trim() || undefined).data
  return mode === 'baileys' ? 'linked' : mode
}

/** What does not go together, or is missing for the channel that is chosen. */
export const findChannelMistakes = (env: Environment): string[] => {
  const kind = findKind(env)
  // nobody reaches an agent that has neither a hub nor a channel
  const isLost = kind === 'none' && (env['AGENT_HUB_URL']?.trim() ?? '') === ''
  return [
    ...(isLost ? ['AGENT_HUB_URL is missing: where the hub is, such as http://localhost:8090'] : []),
    ...(kind === 'cloud' ? findCloudMistakes(env) : []),
  ]
}

/** Those variables as settings; undefined where the account of the channel is not whole. */
export const toChannelSettings = (values: ChannelValues): ChannelSettings | undefined => {
  if (values.PLATFORM !== 'whatsapp') return { kind: values.PLATFORM }
  if (values.WHATSAPP_MODE === 'baileys') return { kind: 'linked', settings: toWhatsAppSettings(values) }
  const account = toCloudSettings(values)
  return account && { kind: 'cloud', account }
}
