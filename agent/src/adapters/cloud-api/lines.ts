import type { ChannelEvent, LoginEvent } from '../../core/events.ts'
import type { CloudEvent } from './events.ts'

type Level = ChannelEvent['level']

const CHANNEL = 'whatsapp'

/** One line per event: error for what a person must look at, warn where the agent helped itself, debug for what is usual. */
const LINES: { readonly [Type in CloudEvent['type']]: readonly [Level, string] } = {
  'cloud.state': ['info', 'WhatsApp Cloud: the channel has changed'],
  'cloud.listening': ['info', 'WhatsApp Cloud: the webhook listens'],
  'cloud.webhook-verified': ['info', 'WhatsApp Cloud: Meta has verified the webhook'],
  'cloud.webhook-refused': ['warn', 'WhatsApp Cloud: requests to the webhook were refused'],
  'cloud.received': ['debug', 'WhatsApp Cloud: message received'],
  'cloud.dropped': ['debug', 'WhatsApp Cloud: message not looked at'],
  'cloud.unreadable': ['warn', 'WhatsApp Cloud: Meta sent what is not known here'],
  'cloud.resumed': ['info', 'WhatsApp Cloud: messages begun again that a restart had cut off'],
  'cloud.late': ['info', 'WhatsApp Cloud: messages that came too late to be answered'],
  'cloud.sending': ['debug', 'WhatsApp Cloud: message sent'],
  'cloud.accepted': ['debug', 'WhatsApp Cloud: message accepted'],
  'cloud.refused': ['warn', 'WhatsApp Cloud: Meta has refused a message'],
  'cloud.unreachable': ['warn', 'WhatsApp Cloud: Meta cannot be reached'],
  'cloud.in-doubt': ['warn', 'WhatsApp Cloud: nobody knows whether a message has arrived'],
  'cloud.outside-window': ['warn', 'WhatsApp Cloud: the person must write first'],
  'cloud.given-up': ['warn', 'WhatsApp Cloud: a message was given up'],
  'cloud.delivered': ['debug', 'WhatsApp Cloud: message delivered'],
  'cloud.outbox-full': ['warn', 'WhatsApp Cloud: too much waits to be sent; an answer was let go'],
  'cloud.typing-failed': ['debug', 'WhatsApp Cloud: the typing sign could not be shown'],
  'cloud.storage-failed': ['error', 'WhatsApp Cloud: its store cannot be written'],
  'cloud.broken': ['error', 'WhatsApp Cloud: something unexpected was thrown'],
}

const OUTCOMES = { open: 'in', closed: 'out', 'token-refused': 'refused' } as const

/** What the room tells, in the words of the whole agent. */
export const toAgentEvents = (event: CloudEvent): readonly (ChannelEvent | LoginEvent)[] => {
  const { type, ...facts } = event
  const isRefused = event.type === 'cloud.state' && event.state === 'token-refused'
  const [usual, what] = LINES[type]
  const told: ChannelEvent = { type: 'channel.told', level: isRefused ? 'error' : usual, what, facts }
  return event.type === 'cloud.state'
    ? [told, { type: 'channel.login', channel: CHANNEL, outcome: OUTCOMES[event.state] }]
    : [told]
}
