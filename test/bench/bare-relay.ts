/**
 * The yardstick of the bench: what one writes in an afternoon with node:http, ws and a Map. It believes whatever it is
 * sent, bounds nothing and logs nothing. It is a process of its own; nothing imports it.
 *
 * Environment: `PORT`, `HUB_SECRET`, and `BARE_PRESENCE=0` to tell nobody who came or went.
 */
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'

interface Frame {
  type: string
  name: string
  workspace: string
  skills: string[]
  secret: string
  requestId: string
  response: string
  error: string
  target: string
  message: string
}
interface Body {
  agent: string
  message: string
  sender?: string
}
interface Answer {
  success: boolean
  agent: string
  response?: string
  error?: string
  taskId: string
}

const port = Number(process.env['PORT'])
const secret = process.env['HUB_SECRET']
const hasPresence = process.env['BARE_PRESENCE'] !== '0'
const startedAt = Date.now()
const agents = new Map<string, WebSocket>()
const waiting = new Map<string, (frame: Frame) => void>()

const askAgent = (name: string, agent: WebSocket, body: Body): Promise<Answer> =>
  new Promise((resolve) => {
    const taskId = randomUUID()
    waiting.set(taskId, (frame) =>
      resolve(
        frame.type === 'task-response'
          ? { success: true, agent: name, response: frame.response, taskId }
          : { success: false, agent: name, error: frame.error, taskId },
      ),
    )
    const { message, sender = 'bot' } = body
    agent.send(JSON.stringify({ type: 'task', requestId: taskId, message, sender }))
  })

const tellOthers = (agent: WebSocket, event: object): void => {
  if (!hasPresence) return
  for (const other of agents.values()) if (other !== agent) other.send(JSON.stringify(event))
}

const answerJson = (response: ServerResponse, status: number, answer: object): void => {
  response.statusCode = status
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(answer))
}

const answerPost = async (path: string | undefined, body: Body, response: ServerResponse): Promise<void> => {
  if (path === '/broadcast') {
    const results = await Promise.all([...agents].map(([name, agent]) => askAgent(name, agent, body)))
    return answerJson(response, 200, { results })
  }
  const agent = agents.get(body.agent)
  if (path !== '/task' || agent === undefined) return answerJson(response, 404, { success: false, error: 'not found' })
  const answer = await askAgent(body.agent, agent, body)
  answerJson(response, answer.success ? 200 : 502, answer)
}

const answerRequest = (request: IncomingMessage, response: ServerResponse) => {
  if (request.url === '/health') {
    const uptime = Math.floor((Date.now() - startedAt) / 1000)
    return answerJson(response, 200, { status: 'ok', agents: agents.size, uptime })
  }
  if (request.headers.authorization !== `Bearer ${secret}`) return answerJson(response, 401, { error: 'unauthorized' })
  const chunks: Buffer[] = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    answerPost(request.url, JSON.parse(Buffer.concat(chunks).toString()), response).catch((error: unknown) => {
      answerJson(response, 500, { error: String(error) })
    })
  })
}

// As long as the hub's, so that a pause of the bench ends no connection
const http = createServer({ keepAliveTimeout: 72_000 }, answerRequest)
const sockets = new WebSocketServer({ server: http, perMessageDeflate: false })

sockets.on('connection', (socket) => {
  let name = ''
  const register = (frame: Frame) => {
    if (frame.secret !== secret) return socket.close(4003)
    name = frame.name
    agents.set(name, socket)
    const message = `Welcome, ${name}. ${agents.size} agent(s) online.`
    socket.send(JSON.stringify({ type: 'registered', agentId: randomUUID(), message }))
    tellOthers(socket, {
      type: 'event',
      event: 'agent-joined',
      name,
      workspace: frame.workspace,
      skills: frame.skills,
    })
  }
  socket.on('message', (data) => {
    const frame: Frame = JSON.parse(data.toString())
    if (frame.type === 'register') return register(frame)
    if (frame.type === 'ping') return socket.send(JSON.stringify({ type: 'pong' }))
    if (frame.type === 'agent-message') {
      agents.get(frame.target)?.send(JSON.stringify({ type: 'agent-message', from: name, message: frame.message }))
      return
    }
    waiting.get(frame.requestId)?.(frame)
    waiting.delete(frame.requestId)
  })
  socket.on('close', () => {
    if (agents.get(name) !== socket) return
    agents.delete(name)
    tellOthers(socket, { type: 'event', event: 'agent-left', name })
  })
})

http.listen(port, '127.0.0.1')
