import type { ChildProcess } from 'node:child_process'

const alive = new Set<ChildProcess>()

const endAll = () => {
  for (const child of alive) child.kill('SIGKILL')
}

process.once('exit', endAll)
// The test runner ends its workers so, even in the middle of a test that took too long
process.once('SIGTERM', () => {
  endAll()
  process.kill(process.pid, 'SIGTERM')
})

/** No process of a test is left behind, whatever becomes of the test. */
export const endWithMe = (child: ChildProcess): void => {
  alive.add(child)
  child.once('close', () => alive.delete(child))
}
