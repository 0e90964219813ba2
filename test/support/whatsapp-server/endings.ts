import type { BinaryNode } from '@whiskeysockets/baileys'
import { toNode } from './nodes.ts'

/** Codes whose farewell is more than a `stream:error` with the code; 428 has none at all. */
const FAREWELLS: { readonly [code: number]: BinaryNode | undefined } = {
  401: toNode('stream:error', { code: '401' }, [toNode('conflict', { type: 'device_removed' })]),
  411: toNode('ib', {}, [toNode('downgrade_webclient')]),
  428: undefined,
  440: toNode('stream:error', {}, [toNode('conflict', { type: 'replaced' })]),
  500: toNode('stream:error', {}, [toNode('ack')]),
}

/** The last stanza of a connection that ends with this code. */
export const toFarewell = (code: number): BinaryNode | undefined =>
  Object.hasOwn(FAREWELLS, code) ? FAREWELLS[code] : toNode('stream:error', { code: String(code) })
