import { createHash } from 'node:crypto'
import type { AuditEntry, AuditRecord } from '../../core/audit.ts'
import { findJsonValue } from '../../core/json-value.ts'

/** What the first line of all is chained to. */
export const BEGINNING = '0'.repeat(64)

/** Where a chain ends, so that it can go on. */
export interface ChainEnd {
  /** Of the last line; 0 before the first. */
  readonly seq: number
  /** Of the last line. */
  readonly hash: string
}

/** A line that was read, and what it is chained to. */
export interface ChainedLine extends ChainEnd {
  readonly prev: string
  /** Whether its hash is that of its content and of the hash before it. */
  readonly isGenuine: boolean
  readonly record: AuditRecord
}

const LINE = /^(?<content>\{.+),"hash":"(?<hash>[0-9a-f]{64})"\}$/s

const hashLine = (prev: string, content: string): string =>
  createHash('sha256').update(prev).update(content).digest('hex')

/** An entry as the next line of a chain, its line break included. The hash covers all bytes before it. */
export const chainEntry = (
  { at, type, facts }: AuditEntry,
  { seq, hash: prev }: ChainEnd,
): ChainEnd & { readonly line: string } => {
  const next = { seq: seq + 1, at: new Date(at).toISOString(), type, ...facts, prev }
  const content = `${JSON.stringify(next).slice(0, -1)}`
  const hash = hashLine(prev, content)
  return { seq: seq + 1, hash, line: `${content},"hash":"${hash}"}\n` }
}

const findObject = (text: string): Record<string, unknown> | undefined => {
  const value = findJsonValue(text)
  return typeof value === 'object' && value !== null ? { ...value } : undefined
}

const isFact = (entry: [string, unknown]): entry is [string, string | number] =>
  typeof entry[1] === 'string' || typeof entry[1] === 'number'

/** A line of the trail, without its line break; undefined for what is none. */
export const findLine = (text: string): ChainedLine | undefined => {
  const { content = '', hash = '' } = LINE.exec(text)?.groups ?? {}
  const { seq, at, type, prev, hash: _, ...facts } = findObject(text) ?? {}
  if (!Number.isSafeInteger(seq) || typeof at !== 'string' || typeof type !== 'string' || typeof prev !== 'string') {
    return undefined
  }
  const record = {
    seq: Number(seq),
    at: Date.parse(at),
    type,
    facts: Object.fromEntries(Object.entries(facts).filter(isFact)),
  }
  return { seq: Number(seq), hash, prev, isGenuine: hash === hashLine(prev, content), record }
}
