import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { type AddressInfo, connect, createServer, type LookupFunction } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { needProgram } from './debian.ts'
import { endWithMe } from './end-with-me.ts'
import { removeRoot } from './machine-root.ts'
import type { DialOptions } from './peer.ts'
import type { HubAddress } from './start-hub.ts'
import { within } from './within.ts'

const run = promisify(execFile)
const DEPLOY = fileURLToPath(new URL('../../deploy', import.meta.url))
/** The name in the files of `deploy`; nobody looks it up. */
const DOMAIN = 'hub.example.com'
const START_MS_MAX = 20_000
const POLL_MS = 20

/** How to call the hub through a proxy. */
export interface ProxyCall {
  /** The caller's own address, one of 127.0.0.0/8. */
  readonly from?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
}

const findPort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Every name leads to this machine. */
const lookUpHere: LookupFunction = (_name, { all }, found) => {
  if (all) found(null, [{ address: '127.0.0.1', family: 4 }])
  else found(null, '127.0.0.1', 4)
}

const mayConnect = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const tell = (may: boolean) => {
      socket.destroy()
      resolve(may)
    }
    socket.once('connect', () => tell(true)).once('error', () => tell(false))
  })

const untilListening = async (port: number, child: ChildProcess): Promise<void> => {
  while (!(await mayConnect(port))) {
    if (child.exitCode !== null) throw new Error(`The proxy has ended with ${child.exitCode}`)
    await wait(POLL_MS)
  }
}

/** A real proxy in front of a hub, run with the file of `deploy`; callers reach it as hub.example.com. */
export class ProxyServer implements HubAddress, AsyncDisposable {
  readonly secret: string
  readonly port: number
  /** The certificate that its own one goes back to, trusted by those who call through this object. */
  readonly ca: string
  readonly #child: ChildProcess
  readonly #folder: string

  constructor(parts: { child: ChildProcess; folder: string; port: number; ca: string; secret: string }) {
    this.#child = parts.child
    this.#folder = parts.folder
    this.port = parts.port
    this.ca = parts.ca
    this.secret = parts.secret
  }

  get url(): string {
    return `https://${DOMAIN}:${this.port}`
  }

  get socketUrl(): string {
    return `wss://${DOMAIN}:${this.port}`
  }

  /** What a socket needs to come through: the certificate, the way to the name, and whose address it has. */
  dial(from = '127.0.0.1', headers: Readonly<Record<string, string>> = {}): DialOptions {
    return { headers, socket: { ...this.#toSettings(from), perMessageDeflate: false } }
  }

  /** Calls with the right secret unless another is named, and returns what begins to come. */
  async open(
    method: string,
    path: string,
    { from = '127.0.0.1', headers, body }: ProxyCall = {},
  ): Promise<IncomingMessage> {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const call = request(`${this.url}${path}`, {
      method,
      agent: false,
      ...this.#toSettings(from),
      headers: {
        authorization: `Bearer ${this.secret}`,
        ...(text === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        ...headers,
      },
    })
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      call.once('response', resolve)
      call.on('error', reject)
    })
    call.end(text)
    return answered
  }

  /** Calls, and waits for the whole answer. */
  async call(method: string, path: string, options: ProxyCall = {}): Promise<{ status: number; text: string }> {
    const response = await this.open(method, path, options)
    let text = ''
    for await (const chunk of response) text += String(chunk)
    return { status: response.statusCode ?? 0, text }
  }

  #toSettings(from: string): { ca: string; localAddress: string; lookup: LookupFunction } {
    return { ca: this.ca, localAddress: from, lookup: lookUpHere }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'close')
    this.#child.kill('SIGKILL')
    await ended
    await removeRoot(this.#folder)
  }
}

/** Caddy listens before it has made its certificate. */
const untilServing = async (proxy: ProxyServer): Promise<void> => {
  for (;;) {
    try {
      await proxy.call('GET', '/health')
      return
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EPROTO')) throw error
      await wait(POLL_MS)
    }
  }
}

const launch = async (
  folder: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  { port, secret, readCa }: { port: number; secret: string; readCa: () => Promise<string> },
): Promise<ProxyServer> => {
  const [command = '', ...args] = argv
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  endWithMe(child)
  let errors = ''
  child.stderr?.on('data', (chunk) => {
    errors += String(chunk)
  })
  try {
    await within(untilListening(port, child), `the proxy ${command}`, START_MS_MAX)
    const proxy = new ProxyServer({ child, folder, port, ca: await readCa(), secret })
    await within(untilServing(proxy), `a certificate of ${command}`, START_MS_MAX)
    return proxy
  } catch (cause) {
    child.kill('SIGKILL')
    await removeRoot(folder)
    throw new Error(`${command} does not serve: ${errors}`, { cause })
  }
}

const toPort = (hub: HubAddress): string => new URL(hub.url).port

/** Caddy with `deploy/Caddyfile` as it is; only whose certificates it uses and which ports are said beside it. */
export const startCaddy = async (hub: HubAddress): Promise<ProxyServer> => {
  const caddy = needProgram('caddy', 'caddy')
  const folder = await mkdtemp(join(tmpdir(), 'caddy-'))
  const [port, plainPort] = [await findPort(), await findPort()]
  const here = `{
  admin off
  local_certs
  skip_install_trust
  default_bind 127.0.0.1
  https_port ${port}
  http_port ${plainPort}
  storage file_system ${folder}
}
import ${DEPLOY}/Caddyfile
`
  await writeFile(join(folder, 'Caddyfile'), here)
  const env = { HUB_UPSTREAM: `127.0.0.1:${toPort(hub)}`, HOME: folder, XDG_CONFIG_HOME: folder }
  const readCa = async () => {
    for (;;) {
      const text = await readFile(join(folder, 'pki/authorities/local/root.crt'), 'utf8').catch(() => '')
      if (text.includes('-----END')) return text
      await wait(POLL_MS)
    }
  }
  const argv = [caddy, 'run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile']
  return launch(folder, argv, env, { port, secret: hub.secret, readCa })
}

/** nginx with `deploy/nginx.conf`; ports, certificate and the hub's own port are those of this test. */
export const startNginx = async (hub: HubAddress): Promise<ProxyServer> => {
  const nginx = needProgram('nginx', 'nginx-light')
  const folder = await mkdtemp(join(tmpdir(), 'nginx-'))
  const [port, plainPort] = [await findPort(), await findPort()]
  const subject = ['-subj', `/CN=${DOMAIN}`, '-addext', `subjectAltName=DNS:${DOMAIN}`]
  await run(
    needProgram('openssl', 'openssl'),
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-keyout',
      'privkey.pem',
      '-out',
      'fullchain.pem',
      ...subject,
    ],
    { cwd: folder },
  )
  const site = (await readFile(join(DEPLOY, 'nginx.conf'), 'utf8'))
    .replace(/^ *listen \[::\].*\n/gm, '')
    .replace('listen 80;', `listen 127.0.0.1:${plainPort};`)
    .replace('listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`)
    .replaceAll(`/etc/letsencrypt/live/${DOMAIN}`, folder)
    .replace('server 127.0.0.1:8090;', `server 127.0.0.1:${toPort(hub)};`)
  await writeFile(join(folder, 'site.conf'), site)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  )
  const whole = `daemon off;
pid ${folder}/pid;
error_log stderr;
# One process, so that its end is the end of all
master_process off;
events {}
http {
  access_log off;
  ${temporary.join('\n  ')}
  include ${folder}/site.conf;
}
`
  await writeFile(join(folder, 'nginx.conf'), whole)
  const readCa = () => readFile(join(folder, 'fullchain.pem'), 'utf8')
  const argv = [nginx, '-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr']
  return launch(folder, argv, {}, { port, secret: hub.secret, readCa })
}
