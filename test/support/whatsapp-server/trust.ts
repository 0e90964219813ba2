import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { WA_CERT_DETAILS } from '@whiskeysockets/baileys'
import type { Certificate } from './certificate.ts'
import { TEST_ROOT } from './identity.ts'

/** What a program of its own is started with so that it trusts a test server. */
export interface ChildTrust {
  /** Before the program's file: makes its Baileys trust the root of the tests. */
  readonly nodeArguments: readonly string[]
  /** Makes it trust the media host, and tells it the root. */
  readonly environment: { readonly NODE_EXTRA_CA_CERTS: string; readonly WHATSAPP_TEST_ROOT: string }
}

/** Trust in a server, taken back when it is disposed. */
export interface Trust extends AsyncDisposable {
  readonly child: ChildTrust
}

/** Makes the Baileys of this process accept servers below the root of the tests, in place of WhatsApp's own. */
export const trustTestRoot = (): void => {
  WA_CERT_DETAILS.PUBLIC_KEY.set(TEST_ROOT.public)
}

/** Makes this process trust a server and its media host, and lays ready what another process needs to. */
export const openTrust = async ({ cert }: Certificate): Promise<Trust> => {
  trustTestRoot()
  setDefaultCACertificates([...getCACertificates('default'), cert])
  const folder = await mkdtemp(join(tmpdir(), 'whatsapp-trust-'))
  const path = join(folder, 'media.pem')
  await writeFile(path, cert)
  return {
    child: {
      nodeArguments: ['--import', new URL('./trust-in-child.ts', import.meta.url).href],
      environment: { NODE_EXTRA_CA_CERTS: path, WHATSAPP_TEST_ROOT: Buffer.from(TEST_ROOT.public).toString('hex') },
    },
    [Symbol.asyncDispose]: async () => {
      setDefaultCACertificates(getCACertificates('default').filter((each) => each !== cert))
      await rm(folder, { recursive: true })
    },
  }
}
