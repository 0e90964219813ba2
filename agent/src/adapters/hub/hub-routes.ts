/** The URL of a hub's REST routes, with the slash that they go behind; a proxy may have them below a path. */
export const toRoutesBase = (hubUrl: URL, path: string): URL =>
  new URL(`${hubUrl.protocol === 'wss:' ? 'https:' : 'http:'}//${hubUrl.host}${path.replace(/\/*$/, '/')}`)

/** Whether a hub answers `/health` with it: 503 is one, too, that ends or has lost its storage. */
export const isHealthStatus = (status: number): boolean => status === 200 || status === 503

/** Whether a header can carry a credential. */
export const isHeaderText = (secret: string): boolean => /^[\x20-\x7e]+$/.test(secret)
