import { type BinaryNode, getBinaryNodeChild, S_WHATSAPP_NET } from '@whiskeysockets/baileys'

/** Attributes of a stanza. */
export type Attributes = { readonly [name: string]: string }

/** A stanza or a part of one. */
export const toNode = (tag: string, attributes: Attributes = {}, content?: BinaryNode['content']): BinaryNode =>
  content === undefined ? { tag, attrs: { ...attributes } } : { tag, attrs: { ...attributes }, content }

/** The parts of a node; none when its content is bytes or text. */
export const partsOf = (node: BinaryNode | undefined, tag?: string): readonly BinaryNode[] =>
  Array.isArray(node?.content) ? node.content.filter((part) => tag === undefined || part.tag === tag) : []

/** The first part of a node with this tag, or of any. */
export const partOf = (node: BinaryNode | undefined, tag?: string): BinaryNode | undefined => partsOf(node, tag)[0]

/** The bytes of a node; none when it has parts or nothing. */
export const bytesOf = (node: BinaryNode | undefined): Buffer => {
  const { content } = node ?? {}
  return content === undefined || Array.isArray(content) ? Buffer.alloc(0) : Buffer.from(content)
}

/** The bytes of a named part. */
export const bytesIn = (node: BinaryNode | undefined, tag: string): Buffer => bytesOf(getBinaryNodeChild(node, tag))

/** What the server asks or tells a client of its own accord. */
export const toServerQuery = (id: string, content: BinaryNode[]): BinaryNode =>
  toNode('iq', { type: 'set', id, from: S_WHATSAPP_NET }, content)

/** The answer to a query. */
export const toAnswer = (query: BinaryNode, content?: BinaryNode[], type = 'result'): BinaryNode =>
  toNode('iq', { id: query.attrs['id'] ?? '', from: query.attrs['to'] ?? S_WHATSAPP_NET, type }, content)

/** The content of an answer that refuses. */
export const toError = (code: number, text: string): BinaryNode[] => [toNode('error', { code: String(code), text })]

/** A point in time as stanzas say it: whole seconds. */
export const toSeconds = (nowMs: number): string => Math.floor(nowMs / 1000).toString()
