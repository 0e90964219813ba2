import type { WebVersion } from './whatsapp-parts.ts'

/** Longest wait, in milliseconds: without an answer there is still the version that worked last. */
const WAIT_MS_MAX = 5_000
/** Characters that are read at most; the file has some hundred thousand. */
const CHARS_MAX = 4_194_304
const REVISION = /\\?"client_revision\\?":\s*(?<revision>\d{1,12})/
/** Without them the file is not given to what looks like a program. */
const HEADERS = {
  'sec-fetch-site': 'none',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
}

/** Where a browser would find the program of WhatsApp Web, beside the socket. */
const toScriptUrl = ({ protocol, host }: URL): URL =>
  new URL('/sw.js', `${protocol === 'ws:' ? 'http' : 'https'}://${host}`)

const findRevision = async (response: Response): Promise<string | undefined> => {
  const decoder = new TextDecoder()
  let text = ''
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes, { stream: true })
    const revision = REVISION.exec(text)?.groups?.['revision']
    if (revision !== undefined && !text.endsWith(revision)) return revision
    if (text.length > CHARS_MAX) return undefined
  }
  return REVISION.exec(text)?.groups?.['revision']
}

/**
 * The newest version of WhatsApp Web, as the host of the socket has it; undefined when it does not say, or not in time.
 * Baileys has the same, for WhatsApp's own host alone and without a bound.
 */
export const fetchVersion = async (socketUrl: URL): Promise<WebVersion | undefined> => {
  try {
    const signal = AbortSignal.timeout(WAIT_MS_MAX)
    const response = await fetch(toScriptUrl(socketUrl), { headers: HEADERS, signal, redirect: 'error' })
    const revision = response.ok ? await findRevision(response) : undefined
    return revision === undefined ? undefined : [2, 3_000, Number(revision)]
  } catch {
    // an outage, which the socket will tell of
    return undefined
  }
}
