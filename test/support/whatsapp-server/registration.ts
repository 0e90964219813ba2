import { randomBytes } from 'node:crypto'
import type { BinaryNode, proto } from '@whiskeysockets/baileys'
import type { Device } from './accounts.ts'
import { toNode } from './nodes.ts'

/** A client has asked for a code to be entered on the phone with this number. */
export interface CodeRequest {
  readonly jid: string
  readonly ref: Buffer
  /** The client's ephemeral key under the code: salt, nonce, key. */
  readonly wrappedKey: Buffer
}

/** A client's half of pairing by code, sealed for the phone. */
export interface KeyOffer {
  readonly bundle: Buffer
  readonly identityKey: Buffer
}

/** A client that waits to be paired. */
export interface Registration {
  readonly noiseKey: Buffer
  readonly identityKey: Buffer
  readonly registrationId: Buffer
  readonly signedPreKey: BinaryNode
  /** One for each QR code that the client may show. */
  readonly refs: readonly string[]
  /** Adv secrets that were taken back: a QR code with one of them is dead. */
  readonly staleSecrets: Set<string>
  codeRequest?: CodeRequest
  keyOffer?: KeyOffer
  /** Set once the phone has linked the client, and it has not signed yet. */
  linked?: Device
}

/** What a client says of itself when it wants to be paired; undefined when it says too little, as at a login. */
export const readRegistration = (
  noiseKey: Buffer,
  payload: proto.ClientPayload,
  refsMax: number,
): Registration | undefined => {
  const { eIdent, eRegid, eSkeyId, eSkeyVal, eSkeySig } = payload.devicePairingData ?? {}
  if (!eIdent || !eRegid || !eSkeyId || !eSkeyVal || !eSkeySig) return undefined
  return {
    noiseKey,
    identityKey: Buffer.from(eIdent),
    registrationId: Buffer.from(eRegid),
    signedPreKey: toNode('skey', {}, [
      toNode('id', {}, eSkeyId),
      toNode('value', {}, eSkeyVal),
      toNode('signature', {}, eSkeySig),
    ]),
    refs: Array.from({ length: refsMax }, () => `2@${randomBytes(24).toString('base64')}`),
    staleSecrets: new Set(),
  }
}
