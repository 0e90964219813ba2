import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { needProgram, needRoot } from './debian.ts'

const run = promisify(execFile)
/** What a machine of this network begins its address with; no route leads there from anywhere else. */
const PREFIX = '10.90.0.'

/** One host of the network. */
export interface Host {
  readonly address: string
  /** The network namespace of the host, as a file. */
  readonly path: string
}

/** Hosts on one wire that see each other and nobody else. */
export interface Network extends AsyncDisposable {
  readonly hosts: readonly Host[]
}

/** Makes a network of so many hosts; it is gone with the test. */
export const openNetwork = async (count: number): Promise<Network> => {
  needRoot()
  const ip = needProgram('ip', 'iproute2')
  const call = (...args: string[]) => run(ip, args)
  const name = `ac${randomBytes(4).toString('hex')}`
  const wire = `${name}w`
  const namespaces = [wire, ...Array.from({ length: count }, (_, at) => `${name}${at}`)]
  const close = async () => {
    for (const namespace of namespaces) await call('netns', 'del', namespace).catch(() => undefined)
  }
  try {
    for (const namespace of namespaces) await call('netns', 'add', namespace)
    await call('-n', wire, 'link', 'add', 'bridge', 'type', 'bridge')
    await call('-n', wire, 'link', 'set', 'bridge', 'up')
    const hosts: Host[] = []
    for (const [at, namespace] of namespaces.slice(1).entries()) {
      const [port, address] = [`port${at}`, `${PREFIX}${at + 1}`]
      await call('link', 'add', 'host0', 'netns', namespace, 'type', 'veth', 'peer', 'name', port, 'netns', wire)
      await call('-n', wire, 'link', 'set', port, 'master', 'bridge', 'up')
      await call('-n', namespace, 'addr', 'add', `${address}/24`, 'dev', 'host0')
      for (const device of ['lo', 'host0']) await call('-n', namespace, 'link', 'set', device, 'up')
      hosts.push({ address, path: `/run/netns/${namespace}` })
    }
    return { hosts, [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    throw error
  }
}
