import { Curve, type KeyPair, proto, WA_CERT_DETAILS } from '@whiskeysockets/baileys'

/** What a server proves itself with: a static key, and the certificates that lead from a root to it. */
export interface ServerIdentity {
  readonly rootKey: Buffer
  readonly staticKey: KeyPair
  readonly certificates: Uint8Array
}

const { NoiseCertificate } = proto.CertChain

interface Certified {
  readonly serial: number
  readonly issuerSerial: number
  readonly key: Uint8Array
}

const certify = (certified: Certified, signer: KeyPair) => {
  const details = NoiseCertificate.Details.encode(certified).finish()
  return { details, signature: Curve.sign(signer.private, details) }
}

/** An identity below a root; below a new one, which nobody trusts, unless given. */
export const makeIdentity = (root: KeyPair = Curve.generateKeyPair()): ServerIdentity => {
  const middle = Curve.generateKeyPair()
  const staticKey = Curve.generateKeyPair()
  const certificates = proto.CertChain.encode({
    intermediate: certify({ serial: 1, issuerSerial: WA_CERT_DETAILS.SERIAL, key: middle.public }, root),
    leaf: certify({ serial: 2, issuerSerial: 1, key: staticKey.public }, middle),
  }).finish()
  return { rootKey: Buffer.from(root.public), staticKey, certificates }
}

/** The root of this process's tests: trusted once by `trustTestRoot`, it covers every server that the tests start. */
export const TEST_ROOT: KeyPair = Curve.generateKeyPair()
