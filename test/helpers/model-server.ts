import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as readAll } from 'node:stream/consumers'
import { Inbox } from './inbox.ts'

const MODEL = 'a-model'
const PATH = '/v1/chat/completions'
/** Longest piece of a stream, in characters: short, so that every answer has several. */
const PIECE_CHARS_MAX = 12

/** What a model says or does. `hang`: it takes the question, and never answers it. */
export type ModelAnswer =
  | string
  | { readonly tool: string; readonly input: unknown }
  | { readonly status: number; readonly body: object }
  | { readonly hang: true }

/** What an agent asks its model. */
export interface ModelRequest {
  /** The agent whose key it came with. */
  readonly agent: string
  readonly messages: readonly { readonly role: string; readonly content: string }[]
  /** What the model is told about itself. */
  readonly system: string
  /** The last message. */
  readonly question: string
  readonly tools: readonly { readonly name: string; readonly parameters: unknown }[]
}

/** Decides what each question is answered with; an answer that is awaited holds its question up. */
export type ModelScript = (request: ModelRequest) => ModelAnswer | Promise<ModelAnswer>

interface Tool {
  readonly type: unknown
  readonly function?: { readonly name?: unknown; readonly parameters?: { readonly type?: unknown } }
}

/** Of OpenAI's requests what this server looks at, unchecked. @see https://platform.openai.com/docs/api-reference/chat/create */
interface Body {
  readonly messages?: readonly { readonly role?: unknown; readonly content?: unknown }[]
  readonly tools?: readonly Tool[]
  readonly stream?: unknown
  readonly stream_options?: { readonly include_usage?: unknown }
}

const ROLES: readonly unknown[] = ['system', 'developer', 'user', 'assistant', 'tool']
const TOOL_NAME = /^[a-zA-Z0-9_-]{1,64}$/

const isTool = ({ type, function: { name, parameters } = {} }: Tool): boolean =>
  type === 'function' && TOOL_NAME.test(String(name)) && (parameters === undefined || parameters.type === 'object')

/** What the vendor would refuse, as it matters here: a mistake of an agent must not look like a success. */
const findFault = ({ messages, tools }: Body): string | undefined => {
  if (!Array.isArray(messages) || messages.length === 0) return "Invalid 'messages': expected a list that is not empty."
  if (messages.some(({ role, content }) => !ROLES.includes(role) || typeof content !== 'string'))
    return "Invalid 'messages': expected a role and a text in each."
  if (tools === undefined || (Array.isArray(tools) && tools.length > 0 && tools.every(isTool))) return undefined
  return "Invalid 'tools': expected a list of functions with names and object schemas that is not empty."
}

const toRequest = (agent: string, { messages = [], tools = [] }: Body): ModelRequest => {
  const all = messages.map(({ role, content }) => ({ role: String(role), content: String(content) }))
  return {
    agent,
    messages: all,
    system: all.flatMap(({ role, content }) => (role === 'system' ? [content] : [])).join('\n'),
    question: all.at(-1)?.content ?? '',
    tools: tools.map((tool) => ({ name: String(tool.function?.name), parameters: tool.function?.parameters })),
  }
}

const toErrorBody = (message: string, type: string, code: string | null = null) => ({
  error: { message, type, param: null, code },
})

const USAGE = { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 }
const HEAD = { id: 'chatcmpl-1', created: 1, model: MODEL }

const toPieces = (text: string): string[] => text.match(new RegExp(`[\\s\\S]{1,${PIECE_CHARS_MAX}}`, 'gu')) ?? []

type Said = Extract<ModelAnswer, string | { readonly tool: string }>

const toCall = ({ tool, input }: Exclude<Said, string>) => ({
  id: `call_${randomBytes(12).toString('hex')}`,
  type: 'function',
  function: { name: tool, arguments: JSON.stringify(input) },
})

/** The deltas of a stream: a tool's name comes whole, its arguments in pieces. */
const toDeltas = (said: Said): object[] => {
  if (typeof said === 'string') {
    return [{ role: 'assistant', content: '', refusal: null }, ...toPieces(said).map((piece) => ({ content: piece }))]
  }
  const call = toCall(said)
  const begun = { ...call, index: 0, function: { ...call.function, arguments: '' } }
  const pieces = toPieces(call.function.arguments).map((piece) => ({ index: 0, function: { arguments: piece } }))
  return [
    { role: 'assistant', content: null, tool_calls: [begun] },
    ...pieces.map((piece) => ({ tool_calls: [piece] })),
  ]
}

const toReason = (said: Said) => (typeof said === 'string' ? 'stop' : 'tool_calls')

const writeStream = (response: ServerResponse, said: Said, wantsUsage: boolean): void => {
  const write = (chunk: object) =>
    response.write(`data: ${JSON.stringify({ ...HEAD, object: 'chat.completion.chunk', ...chunk })}\n\n`)
  const writeChoice = (delta: object, reason: string | null) =>
    write({ choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }], ...(wantsUsage && { usage: null }) })
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const delta of toDeltas(said)) writeChoice(delta, null)
  writeChoice({}, toReason(said))
  if (wantsUsage) write({ choices: [], usage: USAGE })
  response.end('data: [DONE]\n\n')
}

const writeJson = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

const writeWhole = (response: ServerResponse, said: Said): void => {
  const message = typeof said === 'string' ? { content: said } : { content: null, tool_calls: [toCall(said)] }
  const choice = { index: 0, message: { role: 'assistant', ...message, refusal: null }, finish_reason: toReason(said) }
  writeJson(response, 200, { ...HEAD, object: 'chat.completion', choices: [choice], usage: USAGE })
}

const parseBody = (text: string): Body | string => {
  try {
    const body: Body = JSON.parse(text)
    return findFault(body) ?? body
  } catch (error) {
    return String(error)
  }
}

/** A server that speaks OpenAI's chat completions, and says what a script says: whole, or as a stream. */
export class ModelServer implements AsyncDisposable {
  readonly #script: ModelScript
  readonly #server = createServer((request, response) => void this.#take(request, response))
  readonly #agents = new Map<string, string>()
  readonly #inbox = new Inbox<ModelRequest>()

  private constructor(script: ModelScript) {
    this.#script = script
  }

  /** Starts one on a free port. */
  static async start(script: ModelScript): Promise<ModelServer> {
    const model = new ModelServer(script)
    model.#server.listen(0, '127.0.0.1')
    await once(model.#server, 'listening')
    return model
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Everything that was asked so far, in order. */
  get requests(): readonly ModelRequest[] {
    return this.#inbox.seen
  }

  /** What an agent has asked so far. */
  requestsOf(agent: string): readonly ModelRequest[] {
    return this.requests.filter((request) => request.agent === agent)
  }

  /** The next request that fits and was not taken before, when it comes. */
  asked(fits: (request: ModelRequest) => boolean, what = 'a request to the model'): Promise<ModelRequest> {
    return this.#inbox.take(fits, what)
  }

  /** What makes an agent ask this server: each has a key of its own. */
  environmentOf(agent: string): { readonly [name: string]: string } {
    const key = `sk-${randomBytes(24).toString('base64url')}`
    this.#agents.set(key, agent)
    return { AI_PROVIDER: 'openai', OPENAI_API_KEY: key, OPENAI_BASE_URL: this.url, OPENAI_MODEL: MODEL }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #take(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const agent = this.#agents.get(message.headers.authorization?.replace(/^Bearer /, '') ?? '')
    const body = parseBody(await readAll(message))
    if (message.method !== 'POST' || message.url !== PATH) {
      writeJson(response, 404, toErrorBody(`Invalid URL (${message.method} ${message.url})`, 'invalid_request_error'))
    } else if (agent === undefined) {
      writeJson(response, 401, toErrorBody('Incorrect API key', 'invalid_request_error', 'invalid_api_key'))
    } else if (typeof body === 'string') {
      writeJson(response, 400, toErrorBody(body, 'invalid_request_error'))
    } else {
      await this.#answer(toRequest(agent, body), body, response)
    }
  }

  async #answer(request: ModelRequest, body: Body, response: ServerResponse): Promise<void> {
    this.#inbox.put(request)
    const answer = await this.#ask(request)
    if (typeof answer === 'object' && 'hang' in answer) {
      if (body.stream) response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    } else if (typeof answer === 'object' && 'status' in answer) {
      writeJson(response, answer.status, answer.body)
    } else if (body.stream) {
      writeStream(response, answer, body.stream_options?.include_usage === true)
    } else {
      writeWhole(response, answer)
    }
  }

  /** A mistake in the script is an error of the server, which whoever asked will tell. */
  async #ask(request: ModelRequest): Promise<ModelAnswer> {
    try {
      const answer = await this.#script(request)
      if (typeof answer === 'string' || !('tool' in answer)) return answer
      if (request.tools.some(({ name }) => name === answer.tool)) return answer
      throw new Error(`${request.agent} offers no tool ${answer.tool}`)
    } catch (error) {
      return { status: 500, body: toErrorBody(`The script failed: ${String(error)}`, 'server_error') }
    }
  }
}
