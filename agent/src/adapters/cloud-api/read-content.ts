import { cutText } from '../../core/cut-text.ts'
import type { MessageKind } from './events.ts'
import type { WireMessage } from './webhook-body.ts'

/** Longest text that is read, in UTF-16 units: what WhatsApp itself lets people write. */
export const TEXT_CHARS_MAX = 65_536
/** Longest name of a file, place or contact that is told, in UTF-16 units. */
const NAME_CHARS_MAX = 100
/** Contacts that are named one by one. */
const CONTACTS_MAX = 12

/** What a message says: what a person wrote, after what came with it in words. */
export interface Content {
  readonly kind: MessageKind
  readonly text: string
}

/** Why there is nothing in a message that anybody said. */
export type Silence = 'reaction' | 'system' | 'empty' | 'unreadable'

/** The words of a stranger within our own: one line, and not long. */
const toName = (text: string | undefined): string =>
  (text ?? '')
    .replaceAll(/[\s\p{Cc}\]]+/gu, ' ')
    .trim()
    .slice(0, NAME_CHARS_MAX)

const note = (kind: string, ...details: readonly string[]): string =>
  `[${[kind, ...details.filter((each) => each !== '')].join(', ')}]`

const describeDocument = ({ document }: WireMessage): string =>
  note('document', toName(document?.filename), toName(document?.mime_type))

const describePlace = ({ location }: WireMessage): string =>
  note(
    'location',
    `${location?.latitude ?? '?'} ${location?.longitude ?? '?'}`,
    toName(location?.name),
    toName(location?.address),
  )

const describeContacts = ({ contacts = [] }: WireMessage): string => {
  const names = contacts.slice(0, CONTACTS_MAX).map(({ name }) => toName(name?.formatted_name))
  return note(contacts.length === 1 ? 'contact' : `${contacts.length} contacts`, ...names)
}

const describeOrder = ({ order }: WireMessage): string => note('order', `${order?.product_items?.length ?? 0} products`)

const findChoice = ({ button, interactive }: WireMessage): string | undefined =>
  button?.text ?? interactive?.button_reply?.title ?? interactive?.list_reply?.title ?? interactive?.nfm_reply?.body

/** What comes with a message in words, and what was written, by its type. */
type Reader = (message: WireMessage) => readonly [MessageKind, string, string | undefined]

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['text', ({ text }) => ['text', '', text?.body]],
  ['button', (message) => ['choice', '', findChoice(message)]],
  ['interactive', (message) => ['choice', '', findChoice(message)]],
  ['image', ({ image }) => ['image', note('image'), image?.caption]],
  ['video', ({ video }) => ['video', note('video'), video?.caption]],
  ['audio', ({ audio }) => ['audio', note(audio?.voice ? 'voice message' : 'audio'), audio?.caption]],
  ['document', (message) => ['document', describeDocument(message), message.document?.caption]],
  ['sticker', () => ['sticker', note('sticker'), undefined]],
  ['location', (message) => ['other', describePlace(message), undefined]],
  ['contacts', (message) => ['other', describeContacts(message), undefined]],
  ['order', (message) => ['other', describeOrder(message), message.order?.text]],
  // a poll, an event, something new: whoever sent it should hear that it cannot be seen
  [
    'unsupported',
    ({ unsupported }) => [
      'other',
      note('something that WhatsApp does not show me', toName(unsupported?.type)),
      undefined,
    ],
  ],
])

/** Types that say nothing to anybody. */
const SILENT: ReadonlyMap<string, Silence> = new Map<string, Silence>([
  ['reaction', 'reaction'],
  ...['system', 'request_welcome', 'edit', 'revoke'].map((type) => [type, 'system'] as const),
])

/** What a message says, or why it says nothing. */
export const readContent = (message: WireMessage): Content | Silence => {
  const read = READERS.get(message.type)
  if (!read) return SILENT.get(message.type) ?? 'unreadable'
  const [kind, description, written] = read(message)
  const text = [description, cutText(written ?? '', TEXT_CHARS_MAX)].filter((each) => each !== '').join('\n')
  return text.trim() === '' ? 'empty' : { kind, text }
}
