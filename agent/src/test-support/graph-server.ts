import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Queue } from './queue.ts'

/** The account that the server knows. */
export const GRAPH_ACCOUNT = {
  phoneNumberId: '106540352242922',
  displayNumber: '15550783881',
  accessToken: 'EAAJBtestTokenOfASystemUser0123456789',
  version: 'v26.0',
}

/** A request as the Graph API gets it; a form's file is read as text. */
export interface GraphRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Readonly<Record<string, unknown>>
}

/** What the server does with a request in place of answering it well. */
export type GraphFault = (request: GraphRequest, response: ServerResponse, take: () => object) => void

/** A message that the server has taken. */
export interface TakenMessage {
  readonly wamid: string
  readonly to: string
  readonly text: string
  readonly reference: string
}

const json = (response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void => {
  response
    .writeHead(status, {
      'content-type': 'application/json; charset=UTF-8',
      'facebook-api-version': 'v26.0',
      ...headers,
    })
    .end(JSON.stringify(body))
}

/** An error as Meta writes it. */
export const toErrorBody = (code: number, details = 'details that hold +49 171 1234567', extra: object = {}) => ({
  error: {
    message: `(#${code}) Something`,
    type: 'OAuthException',
    code,
    error_data: { messaging_product: 'whatsapp', details },
    fbtrace_id: 'AbCdEfGhIjKlMnOpQrStUvW',
    ...extra,
  },
})

/** Refuses with a code of Meta. */
export const refuseWith =
  (code: number, status = 400, headers: Record<string, string> = {}, extra: object = {}): GraphFault =>
  (_request, response) =>
    json(response, status, toErrorBody(code, undefined, extra), headers)

/** Answers with a page, as a gateway does. */
export const answerPage =
  (status: number): GraphFault =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'text/html' }).end('<html>Sorry, something went wrong.</html>')

/** Takes a message, and the line breaks before the answer. */
export const takeAndBreak: GraphFault = (_request, response, take) => {
  take()
  response.socket?.destroy()
}

/** The line breaks, and nothing was taken. */
export const breakOff: GraphFault = (_request, response) => void response.socket?.destroy()

/** Never answers. */
export const keepSilent: GraphFault = () => undefined

/** Takes a message, and never answers. */
export const takeAndKeepSilent: GraphFault = (_request, _response, take) => void take()

let serial = 0

/** An id of a message as Meta makes them, with the number in plain sight of whoever decodes it. */
export const makeWamid = (number: string): string => {
  serial += 1
  const unique = `${serial}`.padStart(32, '0')
  return `wamid.${Buffer.from(`\u001d\u0018\u000b${number}\u0015\u0002\u0000\u0018 ${unique}\u0000`, 'latin1').toString('base64')}`
}

const toText = (value: unknown): string => (typeof value === 'string' ? value : '')

const readForm = async (request: IncomingMessage, bytes: Buffer): Promise<Record<string, unknown>> => {
  const headers = { 'content-type': request.headers['content-type'] ?? '' }
  const form = await new Response(new Uint8Array(bytes), { headers }).formData()
  const entries = [...form.entries()].map(async ([name, value]) =>
    typeof value === 'string'
      ? [[name, value]]
      : [
          [name, await value.text()],
          [`${name}.name`, value.name],
        ],
  )
  return Object.fromEntries((await Promise.all(entries)).flat())
}

const readBody = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  if (request.headers['content-type']?.startsWith('multipart/')) return readForm(request, bytes)
  return bytes.length === 0 ? {} : (JSON.parse(bytes.toString()) as Record<string, unknown>)
}

/** What Meta finds wrong with a message. */
const findMistake = (body: Readonly<Record<string, unknown>>, media: ReadonlySet<string>): number | undefined => {
  const { messaging_product: product, type, to, recipient } = body
  if (product !== 'whatsapp' || (to === undefined) === (recipient === undefined)) return 100
  if (to !== undefined && !/^\+[1-9]\d{4,14}$/.test(toText(to))) return 131_009
  const content = body[toText(type)] as Record<string, unknown> | undefined
  if (type === 'text') {
    const text = toText(content?.['body'])
    return text === '' ? 131_008 : text.length > 4_096 ? 131_009 : undefined
  }
  if (type !== 'document') return 131_051
  const isKnown = media.has(toText(content?.['id']))
  return isKnown && toText(content?.['caption']).length <= 1_024 ? undefined : 131_009
}

/** A server that speaks the part of Meta's Graph API that a messenger needs, on the loopback. */
export class GraphServer {
  readonly requests: GraphRequest[] = []
  /** Requests as they come. */
  readonly arrivals = new Queue<GraphRequest>()
  readonly taken: TakenMessage[] = []
  /** Files that were uploaded, by their id. */
  readonly files = new Map<string, { readonly text: string; readonly name: string; readonly type: string }>()
  accessToken = GRAPH_ACCOUNT.accessToken
  readonly #faults: { readonly edge: string; readonly fault: GraphFault }[] = []
  readonly #server = createServer((request, response) => void this.#serve(request, response))

  get url(): URL {
    return new URL(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`)
  }

  /** Texts that were taken, in order. */
  get texts(): string[] {
    return this.taken.map(({ text }) => text)
  }

  async listen(port = 0): Promise<this> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    return this
  }

  /** Does something else with the next request for an edge such as `messages`, `media` or `typing`. */
  fail(fault: GraphFault, edge = 'messages'): void {
    this.#faults.push({ edge, fault })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(message)
    const request = { method: message.method ?? '', path: message.url ?? '', headers: message.headers, body }
    this.requests.push(request)
    const edge = this.#toEdge(request)
    const at = this.#faults.findIndex((each) => each.edge === edge)
    const [planned] = at < 0 ? [] : this.#faults.splice(at, 1)
    const answer = () => this.#answer(request, edge)
    if (message.headers.authorization !== `Bearer ${this.accessToken}`) json(response, 401, toErrorBody(190))
    else if (edge === undefined) json(response, 400, toErrorBody(2_500))
    else if (planned) planned.fault(request, response, answer)
    else {
      const found = answer()
      json(response, 'error' in found ? 400 : 200, found)
    }
    this.arrivals.push(request)
  }

  #toEdge({ method, path, body }: GraphRequest): string | undefined {
    const root = `/${GRAPH_ACCOUNT.version}/${GRAPH_ACCOUNT.phoneNumberId}`
    if (method === 'GET' && path === `${root}?fields=id`) return 'check'
    if (method !== 'POST') return undefined
    if (path === `${root}/media`) return 'media'
    if (path === `${root}/messages`) return body['status'] === 'read' ? 'typing' : 'messages'
    return undefined
  }

  #answer({ body }: GraphRequest, edge: string | undefined): object {
    if (edge === 'check') return { id: GRAPH_ACCOUNT.phoneNumberId }
    if (edge === 'typing') return { success: true }
    return edge === 'media' ? this.#upload(body) : this.#take(body)
  }

  #upload(body: Readonly<Record<string, unknown>>): object {
    const id = `10138596002${this.files.size}`
    const [text, name, type] = ['file', 'file.name', 'type'].map((key) => toText(body[key]))
    this.files.set(id, { text: text ?? '', name: name ?? '', type: type ?? '' })
    return { id }
  }

  #take(body: Readonly<Record<string, unknown>>): object {
    const mistake = findMistake(body, new Set(this.files.keys()))
    if (mistake !== undefined) return toErrorBody(mistake)
    const to = toText(body['to'] ?? body['recipient'])
    const content = body[toText(body['type'])] as Record<string, unknown>
    const text = toText(content['body']) || (this.files.get(toText(content['id']))?.text ?? '')
    const number = to.replace('+', '')
    const wamid = makeWamid(number)
    this.taken.push({ wamid, to, text, reference: toText(body['biz_opaque_callback_data']) })
    const contact = body['to'] === undefined ? { input: to, user_id: to } : { input: to, wa_id: number }
    return { messaging_product: 'whatsapp', contacts: [contact], messages: [{ id: wamid }] }
  }
}

/** Starts one. */
export const startGraph = (): Promise<GraphServer> => new GraphServer().listen()
