import { z } from 'zod'

/** Something of Meta's that may be missing, or be other than it was when this was written. */
const perhaps = <Schema extends z.ZodType>(schema: Schema) => schema.optional().catch(undefined)
const words = perhaps(z.string())
const id = z.string().min(1).max(512)

const media = perhaps(z.object({ caption: words, mime_type: words, filename: words, voice: perhaps(z.boolean()) }))
const reply = perhaps(z.object({ title: words }))

const wireMessage = z.object({
  id,
  from: words,
  /** The sender's user id, which is there when the number is hidden. */
  from_user_id: words,
  group_id: words,
  /** In seconds. */
  timestamp: z.coerce.number().positive(),
  type: z.string().max(64),
  context: perhaps(z.object({ id: words })),
  text: perhaps(z.object({ body: words })),
  image: media,
  video: media,
  audio: media,
  document: media,
  sticker: perhaps(z.object({})),
  location: perhaps(
    z.object({ latitude: perhaps(z.number()), longitude: perhaps(z.number()), name: words, address: words }),
  ),
  contacts: perhaps(z.array(z.object({ name: perhaps(z.object({ formatted_name: words })) }))),
  button: perhaps(z.object({ text: words })),
  interactive: perhaps(
    z.object({ button_reply: reply, list_reply: reply, nfm_reply: perhaps(z.object({ body: words, name: words })) }),
  ),
  order: perhaps(z.object({ text: words, product_items: perhaps(z.array(z.unknown())) })),
  unsupported: perhaps(z.object({ type: words })),
})

const wireStatus = z.object({
  id,
  status: z.string().max(64),
  /** What we gave with the message. */
  biz_opaque_callback_data: words,
  errors: perhaps(z.array(z.object({ code: z.number() }))),
})

const wireContact = z.object({
  wa_id: words,
  user_id: words,
  profile: perhaps(z.object({ name: words })),
})

/** A message of a person as Meta writes it. */
export type WireMessage = z.output<typeof wireMessage>
/** What became of a message of ours, as Meta writes it. */
export type WireStatus = z.output<typeof wireStatus>

const list = z.array(z.unknown()).catch([])

const wireBody = z.object({
  object: z.literal('whatsapp_business_account'),
  entry: z.array(z.object({ changes: list }).catch({ changes: [] })).catch([]),
})
const wireChange = z.object({
  field: z.literal('messages'),
  value: z.object({
    metadata: z.object({ phone_number_id: z.string() }),
    contacts: list,
    messages: list,
    statuses: list,
  }),
})

/** What a delivery of Meta says, as far as it is about our number and can be read. */
export interface Delivery {
  readonly messages: readonly WireMessage[]
  readonly statuses: readonly WireStatus[]
  /** What people call themselves, by number and by user id. */
  readonly names: ReadonlyMap<string, string>
  /** Messages and statuses that cannot be read. */
  readonly unreadable: number
}

/** Reads each thing by itself: one that Meta writes in a new way does not keep the others from being read. */
const readEach = <Value>(schema: z.ZodType<Value>, things: readonly unknown[]): Value[] =>
  things.flatMap((each) => {
    const parsed = schema.safeParse(each)
    return parsed.success ? [parsed.data] : []
  })

const readNames = (contacts: readonly unknown[]): [string, string][] =>
  readEach(wireContact, contacts).flatMap(({ wa_id: number, user_id: userId, profile }) =>
    [number, userId].flatMap((key): [string, string][] => (key && profile?.name ? [[key, profile.name]] : [])),
  )

const parseJson = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Reads what Meta delivers. Undefined for what is no JSON; something else than news of our number is an empty delivery. */
export const readDelivery = (bytes: Uint8Array, phoneNumberId: string): Delivery | undefined => {
  const json = parseJson(bytes)
  if (json === undefined) return undefined
  const body = wireBody.safeParse(json)
  const changes = body.success ? body.data.entry.flatMap((entry) => entry.changes) : []
  const values = readEach(wireChange, changes)
    .map(({ value }) => value)
    .filter(({ metadata }) => metadata.phone_number_id === phoneNumberId)
  const raw = {
    messages: values.flatMap((value) => value.messages),
    statuses: values.flatMap((value) => value.statuses),
  }
  const messages = readEach(wireMessage, raw.messages)
  const statuses = readEach(wireStatus, raw.statuses)
  return {
    messages,
    statuses,
    names: new Map(values.flatMap((value) => readNames(value.contacts))),
    unreadable: raw.messages.length + raw.statuses.length - messages.length - statuses.length,
  }
}
