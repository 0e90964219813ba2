import type { ServerResponse } from 'node:http'
import { beginStream, refuse, type VendorScript } from './vendor-server.ts'
import type { Wire } from './vendor-wire.ts'

/** Answers in pieces, as a model does. */
export const answer =
  (wire: Wire, pieces: readonly string[] = ['Hello', ' there']): VendorScript =>
  (response) => {
    beginStream(response).end(`${wire.begin}${pieces.map(wire.piece).join('')}${wire.end('stop')}`)
  }

/** Writes the pieces of an answer, and then what the test says. */
export const after =
  (wire: Wire, pieces: readonly string[], then: (response: ServerResponse) => void): VendorScript =>
  (response) => {
    const text = `${wire.begin}${pieces.map(wire.piece).join('')}`
    // written before the rest: a socket that is destroyed loses what it has not sent
    if (text === '') then(beginStream(response))
    else beginStream(response).write(text, () => then(response))
  }

/** Everything that an answer can do wrong, for each wire. `pieces` are seen before it happens. */
export const faults = {
  /** Takes the request and says nothing, not even a status. */
  hangBeforeHeaders: (): VendorScript => () => {},
  hangBeforeToken:
    (wire: Wire): VendorScript =>
    (response) => {
      beginStream(response).flushHeaders()
      if (wire.begin !== '') response.write(wire.begin)
    },
  stall: (wire: Wire, pieces: readonly string[]): VendorScript => after(wire, pieces, () => {}),
  cut: (wire: Wire, pieces: readonly string[]): VendorScript =>
    after(wire, pieces, (response) => void response.destroy()),
  cutBeforeHeaders: (): VendorScript => (response) => void response.destroy(),
  malformed: (wire: Wire, pieces: readonly string[]): VendorScript =>
    after(wire, pieces, (response) => void response.end(`${wire.malformed}${wire.piece('more')}${wire.end('stop')}`)),
  errorInStream: (wire: Wire, pieces: readonly string[], message = 'no'): VendorScript =>
    after(wire, pieces, (response) => void response.end(wire.error(message))),
  withoutReason: (wire: Wire, pieces: readonly string[]): VendorScript =>
    after(wire, pieces, (response) => void response.end(wire.end())),
  withoutEnd: (wire: Wire, pieces: readonly string[]): VendorScript =>
    after(wire, pieces, (response) => void response.end()),
  policy: (wire: Wire, pieces: readonly string[]): VendorScript =>
    after(wire, pieces, (response) => void response.end(wire.end('policy'))),
  empty: (wire: Wire): VendorScript => answer(wire, []),
  thoughtsOnly: (wire: Wire): VendorScript =>
    after(wire, [], (response) => void response.end(`${wire.thought('Hm.')}${wire.end('stop')}`)),
  /** An error under a 200, as gateways give them. */
  errorBody: (wire: Wire, message = 'no'): VendorScript => refuse(200, wire.errorBody(message)),
  html: (): VendorScript => (response) => {
    response.writeHead(502, { 'content-type': 'text/html' }).end('<html><h1>502 Bad Gateway</h1></html>')
  },
} as const
