/** Longest piece of an unknown error's own text that is told, in characters. */
const UNKNOWN_CHARS_MAX = 200

const SENTENCES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; is the hub running, and are host and port right?',
  ENOTFOUND: 'the host is not known; is the name in the hub URL right?',
  EAI_AGAIN: 'the name could not be looked up just now',
  ECONNRESET: 'the connection was cut while it was being opened',
  ETIMEDOUT: 'the host does not answer',
  EHOSTUNREACH: 'the host cannot be reached from here',
  ENETUNREACH: 'there is no network to the host',
  EPROTO: 'the other side does not speak TLS; for a hub without TLS the URL begins with http:// or ws://',
  ERR_SSL_WRONG_VERSION_NUMBER:
    'the other side does not speak TLS; for a hub without TLS the URL begins with http:// or ws://',
  ERR_SSL_PACKET_LENGTH_TOO_LONG:
    'the other side does not speak TLS; for a hub without TLS the URL begins with http:// or ws://',
  CERT_HAS_EXPIRED: "the hub's TLS certificate has expired",
  CERT_NOT_YET_VALID: "the hub's TLS certificate is not valid yet; is this machine's clock right?",
  ERR_TLS_CERT_ALTNAME_INVALID: "the hub's TLS certificate is for another host name",
  DEPTH_ZERO_SELF_SIGNED_CERT:
    "the hub's TLS certificate is self-signed; name its authority with NODE_EXTRA_CA_CERTS if it is yours",
  SELF_SIGNED_CERT_IN_CHAIN:
    "the hub's TLS certificate comes from an unknown authority; name it with NODE_EXTRA_CA_CERTS if it is yours",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "the hub's TLS certificate comes from an unknown authority; name it with NODE_EXTRA_CA_CERTS if it is yours",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    "the hub's TLS certificate comes from an unknown authority; name it with NODE_EXTRA_CA_CERTS if it is yours",
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'the hub sent a frame over the limit',
}

/** Every address of the host failed: the first one's reason stands for all. */
const findCode = (error: Error): string | undefined => {
  const inner = error instanceof AggregateError ? error.errors.find((each) => each instanceof Error) : undefined
  const { code } = (inner ?? error) as NodeJS.ErrnoException
  return typeof code === 'string' ? code : undefined
}

const describeStatus = (status: string): string =>
  status.startsWith('3')
    ? `it answered with a redirect (HTTP ${status}); give the URL that it leads to`
    : `it answered HTTP ${status} instead of opening a WebSocket; is the hub URL right, and does the proxy pass upgrades on?`

/** Says in a sentence why no socket came about, for whoever set the URL. */
export const describeProblem = (error: Error): string => {
  const code = findCode(error)
  const sentence = code === undefined ? undefined : SENTENCES[code]
  if (sentence !== undefined) return sentence
  const status = /^Unexpected server response: (\d{3})/.exec(error.message)?.[1]
  if (status !== undefined) return describeStatus(status)
  if (error.message === 'Opening handshake has timed out') return 'the host does not answer in time'
  const text = `${code === undefined ? '' : `${code}: `}${error.message}`
  return text.slice(0, UNKNOWN_CHARS_MAX)
}
