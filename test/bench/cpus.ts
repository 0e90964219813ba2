import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A CPU for the server and another one for the load, or undefined where two cannot be had. */
export interface CpuPair {
  readonly server: number
  readonly load: number
}

const readAllowed = (): number[] => {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
}

/**
 * Moves this process, with all its threads, to a CPU of its own and names another one for the servers. Undefined without
 * `taskset` or with a single CPU: figures are then noisier.
 */
export const pinLoad = (): CpuPair | undefined => {
  const [server, load] = readAllowed()
  if (server === undefined || load === undefined) return undefined
  const pinned = spawnSync('taskset', ['-a', '-c', '-p', String(load), String(process.pid)])
  return pinned.status === 0 ? { server, load } : undefined
}
