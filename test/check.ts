import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** The checks in the order in which a mistake is cheapest to hear of. The first two only read, so they run together. */
const STAGES: readonly (readonly { readonly name: string; readonly argv: readonly string[] }[])[] = [
  [
    { name: 'biome', argv: ['biome', 'check', '--error-on-warnings', '.'] },
    { name: 'tsc', argv: ['tsc', '--noEmit', '-p', 'tsconfig.json'] },
  ],
  [{ name: 'vitest', argv: ['vitest', 'run', ...process.argv.slice(2)] }],
]

const run = ({ name, argv }: { readonly name: string; readonly argv: readonly string[] }): Promise<boolean> => {
  const [command = '', ...rest] = argv
  const startedAt = performance.now()
  return new Promise((resolve, reject) => {
    const child = spawn(command, rest, { cwd: ROOT, stdio: 'inherit' })
    child.once('error', reject)
    child.once('close', (code) => {
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
      process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n`)
      resolve(code === 0)
    })
  })
}

process.stdout.write(`Node ${process.version}, ${availableParallelism()} processors\n`)
for (const stage of STAGES) {
  const results = await Promise.all(stage.map(run))
  if (results.includes(false)) process.exit(1)
}
