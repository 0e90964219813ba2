import { type ClientRequest, get } from 'node:http'
import { get as getSecurely } from 'node:https'

/** Shorter than what a container is given to answer, so that the reason is said. */
const ANSWER_MS_MAX = 4_000

const say = (sentence: string, code: 0 | 1): never => {
  process.stdout.write(`${sentence}\n`)
  process.exit(code)
}

const NO_STATUS = 'an answer without a status'

const readStatus = (text: string): string => {
  try {
    const body: unknown = JSON.parse(text)
    const status: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'status') : undefined
    return typeof status === 'string' ? status : NO_STATUS
  } catch (error) {
    if (error instanceof SyntaxError) return NO_STATUS
    throw error
  }
}

/** Asks the program of this container by its own variables; the hub's certificate is for another name than this one. */
const ask = (program: string | undefined): ClientRequest => {
  const { PORT, TLS_CERT_PATH, HEALTH_PORT } = process.env
  if (program === 'hub' && TLS_CERT_PATH) {
    return getSecurely({ host: '127.0.0.1', port: PORT || 8090, path: '/health', rejectUnauthorized: false })
  }
  if (program === 'hub') return get({ host: '127.0.0.1', port: PORT || 8090, path: '/health' })
  if (program === 'agent') return get({ host: '127.0.0.1', port: HEALTH_PORT || 9090, path: '/health' })
  return say('Usage: node deploy/src/check-health.ts hub | agent', 1)
}

const call = ask(process.argv[2])
call.setTimeout(ANSWER_MS_MAX, () => call.destroy(new Error(`no answer within ${ANSWER_MS_MAX} ms`)))
call.on('error', ({ message }) => say(message, 1))
call.on('response', async (response) => {
  let text = ''
  for await (const chunk of response) text += String(chunk)
  const status = readStatus(text)
  say(status, status === 'ok' ? 0 : 1)
})
