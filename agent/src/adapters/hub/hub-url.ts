/** What came of reading a hub URL. */
export type HubUrl = { readonly ok: true; readonly url: URL } | { readonly ok: false; readonly mistake: string }

const SOCKET_SCHEMES: Readonly<Record<string, string>> = {
  'http:': 'ws:',
  'https:': 'wss:',
  'ws:': 'ws:',
  'wss:': 'wss:',
}

const mistake = (sentence: string): HubUrl => ({ ok: false, mistake: sentence })

/**
 * Reads where the hub is. A secret has no place in a URL, since URLs end up in logs: neither user and password nor a
 * query is taken.
 */
export const readHubUrl = (text: string): HubUrl => {
  const url = URL.parse(text)
  const scheme = url ? SOCKET_SCHEMES[url.protocol] : undefined
  if (!url || scheme === undefined || url.hostname === '') {
    return mistake('must be an http, https, ws or wss URL, such as http://localhost:8090')
  }
  if (url.username !== '' || url.password !== '') return mistake('must not hold a user or password')
  if (url.search !== '' || url.hash !== '') return mistake('must not hold a query or fragment')
  // a special scheme cannot be set to another one by hand where the port is the default, so the URL is built anew
  return { ok: true, url: new URL(`${scheme}//${url.host}${url.pathname}`) }
}

/** Whether everybody on the way can read what goes to this URL. */
export const isInTheClear = (url: URL): boolean =>
  url.protocol === 'ws:' && !/^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$|\.localhost$/.test(url.hostname)
