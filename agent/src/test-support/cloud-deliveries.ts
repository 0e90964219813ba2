import { createHmac } from 'node:crypto'
import { GRAPH_ACCOUNT, makeWamid } from './graph-server.ts'

/** A message in a delivery, as Meta writes it. */
export type DeliveredMessage = Readonly<Record<string, unknown>> & { readonly id: string }

/** What makes a delivery. */
export interface DeliveryFacts {
  readonly messages?: readonly object[]
  readonly statuses?: readonly object[]
  readonly contacts?: readonly object[]
  readonly phoneNumberId?: string
}

/** Who writes in tests. */
export const ANNA = '491711234567'
/** Another one. */
export const BEN = '15550001'
/** Somebody who hides the number. */
export const HIDDEN = 'US.13491208655302741918'

/** A delivery of the webhook as Meta sends it. */
export const toDelivery = ({ messages, statuses, contacts, phoneNumberId }: DeliveryFacts) => ({
  object: 'whatsapp_business_account',
  entry: [
    {
      id: '102290129340398',
      changes: [
        {
          field: 'messages',
          value: {
            messaging_product: 'whatsapp',
            metadata: {
              display_phone_number: GRAPH_ACCOUNT.displayNumber,
              phone_number_id: phoneNumberId ?? GRAPH_ACCOUNT.phoneNumberId,
            },
            ...(contacts ? { contacts } : {}),
            ...(messages ? { messages } : {}),
            ...(statuses ? { statuses } : {}),
          },
        },
      ],
    },
  ],
})

/** A text of somebody, at a time in epoch milliseconds. */
export const toTextMessage = (text: string, sentAt: number, from = ANNA, more: object = {}): DeliveredMessage => ({
  from,
  id: makeWamid(from),
  timestamp: String(Math.floor(sentAt / 1_000)),
  type: 'text',
  text: { body: text },
  ...more,
})

/** A status of a message of ours. */
export const toStatus = (
  { wamid, reference, to }: { readonly wamid: string; readonly reference: string; readonly to: string },
  status: string,
  code?: number,
) => ({
  id: wamid,
  status,
  timestamp: '1795000000',
  recipient_id: to.replace('+', ''),
  ...(reference === '' ? {} : { biz_opaque_callback_data: reference }),
  ...(code === undefined
    ? { pricing: { billable: false, pricing_model: 'PMP', category: 'service', type: 'free_customer_service' } }
    : { errors: [{ code, title: 'Something', message: 'Something', error_data: { details: 'Something' } }] }),
})

/** The signature of a body. */
export const sign = (body: string | Uint8Array, secret: string): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
