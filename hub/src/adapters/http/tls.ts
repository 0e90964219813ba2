import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** Certificate chain and private key in PEM. */
export interface TlsFiles {
  readonly cert: Buffer
  readonly key: Buffer
}

/** Files that cannot serve for TLS; the message names the variable and says what is wrong with it. */
export class TlsFileError extends Error {
  override readonly name = 'TlsFileError'
}

const attempt = <Result>(sentence: string, act: () => Result): Result => {
  try {
    return act()
  } catch (cause) {
    throw new TlsFileError(sentence, { cause })
  }
}

/**
 * Reads and checks the files of `TLS_CERT_PATH` and `TLS_KEY_PATH` before
 * anything listens.
 *
 * @throws {TlsFileError} when one cannot be read or is no PEM, or the two do not belong together
 */
export const readTlsFiles = (paths: { readonly cert: string; readonly key: string }): TlsFiles => {
  const cert = attempt('TLS_CERT_PATH names a file that cannot be read', () => readFileSync(paths.cert))
  const key = attempt('TLS_KEY_PATH names a file that cannot be read', () => readFileSync(paths.key))
  const certificate = attempt('TLS_CERT_PATH must hold a certificate in PEM', () => new X509Certificate(cert))
  const privateKey = attempt('TLS_KEY_PATH must hold an unencrypted private key in PEM', () => createPrivateKey(key))
  if (!certificate.checkPrivateKey(privateKey)) throw new TlsFileError('TLS_KEY_PATH does not belong to TLS_CERT_PATH')
  return { cert, key }
}
