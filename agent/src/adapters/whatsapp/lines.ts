import type { ChannelEvent, LoginEvent } from '../../core/events.ts'
import type { WhatsAppEvent } from './events.ts'
import { WHATSAPP } from './read-message.ts'

type Level = ChannelEvent['level']

/** One line per event: error for what a person must look at, warn where the agent helped itself, debug for what is usual. */
const LINES: { readonly [Type in WhatsAppEvent['type']]: readonly [Level, string] } = {
  'whatsapp.state': ['info', 'WhatsApp: the connection has changed'],
  'whatsapp.pairing': ['info', 'WhatsApp: a QR or a code waits in the terminal for your phone'],
  'whatsapp.paired': ['info', 'WhatsApp: linked'],
  'whatsapp.version': ['debug', 'WhatsApp: version of WhatsApp Web'],
  'whatsapp.time-locked': ['warn', 'WhatsApp lets this account begin no new chats for a while'],
  'whatsapp.received': ['debug', 'WhatsApp: message received'],
  'whatsapp.recovered': ['info', 'WhatsApp: messages found again that a crash had cut off'],
  'whatsapp.hidden-sender': [
    'info',
    'WhatsApp: somebody whose number is hidden may not write; the address on SECURITY_ALLOWLIST lets it',
  ],
  'whatsapp.dropped': ['debug', 'WhatsApp: message not looked at'],
  'whatsapp.sealed': ['info', 'WhatsApp: a message could not be opened and was asked for again'],
  'whatsapp.resumed': ['info', 'WhatsApp: messages begun again that a restart had cut off'],
  'whatsapp.late': ['info', 'WhatsApp: messages that came too late to be answered'],
  'whatsapp.media-saved': ['debug', 'WhatsApp: file saved'],
  'whatsapp.media-skipped': ['info', 'WhatsApp: file not saved'],
  'whatsapp.written': ['debug', 'WhatsApp: message written'],
  'whatsapp.accepted': ['debug', 'WhatsApp: message accepted'],
  'whatsapp.refused': ['warn', 'WhatsApp has refused a message'],
  'whatsapp.unacknowledged': ['info', 'WhatsApp has not acknowledged a message; it is sent again'],
  'whatsapp.given-up': ['warn', 'WhatsApp: a message was given up'],
  'whatsapp.delivered': ['debug', 'WhatsApp: message delivered'],
  'whatsapp.outbox-full': ['warn', 'WhatsApp: too much waits to be sent; an answer was let go'],
  'whatsapp.storage-failed': ['error', 'WhatsApp: its store cannot be written'],
  'whatsapp.library': ['info', 'WhatsApp: the library says'],
  'whatsapp.broken': ['error', 'WhatsApp: something unexpected was thrown'],
}

const toLevel = (event: WhatsAppEvent): Level => {
  // what it calls errors are steps of every linking, too
  if (event.type === 'whatsapp.library') return event.level === 'error' ? 'info' : 'debug'
  if (event.type !== 'whatsapp.state') return LINES[event.type][0]
  if (event.because !== undefined) return 'error'
  return event.state === 'waiting' ? 'warn' : 'info'
}

const findLogin = (event: WhatsAppEvent): LoginEvent | undefined => {
  if (event.type !== 'whatsapp.state') return undefined
  if (event.state === 'open') return { type: 'channel.login', channel: WHATSAPP, outcome: 'in' }
  if (event.because === 'logged-out') return { type: 'channel.login', channel: WHATSAPP, outcome: 'out' }
  return event.because === 'restricted' ? { type: 'channel.login', channel: WHATSAPP, outcome: 'refused' } : undefined
}

/** What the room tells, in the words of the whole agent. */
export const toAgentEvents = (event: WhatsAppEvent): readonly (ChannelEvent | LoginEvent)[] => {
  const { type, ...facts } = event
  const told: ChannelEvent = {
    ...{ type: 'channel.told', level: toLevel(event), what: LINES[type][1] },
    // a library's own level is ours already
    facts: event.type === 'whatsapp.library' ? { sentence: event.sentence } : facts,
  }
  const login = findLogin(event)
  return login ? [told, login] : [told]
}
