import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { pinLoad } from './cpus.ts'
import { describeRun, toResults } from './results.ts'
import type { Bench } from './rounds.ts'
import { agentMessage } from './rows/agent-message.ts'
import { durableTask } from './rows/durable-task.ts'
import { fanOut } from './rows/fan-out.ts'
import { idleMemory } from './rows/idle-memory.ts'
import { manyAgents } from './rows/many-agents.ts'
import { registration } from './rows/registration.ts'
import { restTask } from './rows/rest-task.ts'
import { slowReader } from './rows/slow-reader.ts'
import { type Figure, toTable } from './table.ts'
import type { TargetKind } from './target.ts'

const ROWS = [restTask, durableTask, agentMessage, fanOut, idleMemory, registration, manyAgents, slowReader]
const NAMES = ROWS.map((row) => row.name)
const ROUNDS = 24
const QUICK_ROUNDS = 4

const HELP = `Measures the hub beside a bare relay.

  --only ROW,…     ${NAMES.join(', ')}
  --rounds N       rounds of the rows that alternate (${ROUNDS})
  --quick          fewer of everything: a look, no figure
  --subject KIND   hub, or bare to measure the bare relay against itself
  --write          rewrite results.md
  --help           this
`

const say = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

const isKind = (text: string): text is TargetKind => text === 'hub' || text === 'bare'

const readFlags = () => {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      subject: { type: 'string', default: 'hub' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const only = values.only?.split(',') ?? NAMES
  const stranger = only.find((name) => !NAMES.includes(name))
  if (stranger !== undefined) throw new Error(`No row ${stranger}; there are ${NAMES.join(', ')}`)
  const rounds = Number(values.rounds ?? (values.quick ? QUICK_ROUNDS : ROUNDS))
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds must be a whole number of at least 1')
  const { quick, write, help, subject } = values
  if (!isKind(subject)) throw new Error('--subject must be hub or bare')
  return { quick, write, help, subject, only, rounds }
}

const run = async (): Promise<void> => {
  const flags = readFlags()
  if (flags.help) return say(HELP)
  const bench: Bench = { cpus: pinLoad(), subject: flags.subject, rounds: flags.rounds, isQuick: flags.quick }
  say(`${describeRun(bench)}\n`)
  const figures: Figure[] = []
  for (const row of ROWS) {
    if (!flags.only.includes(row.name)) continue
    const startedAt = performance.now()
    process.stdout.write(`${row.name} … `)
    figures.push(...(await row.measure(bench)))
    say(`${((performance.now() - startedAt) / 1_000).toFixed(1)} s`)
  }
  say(`\n${toTable(figures)}`)
  if (flags.write) writeFileSync(new URL('./results.md', import.meta.url), toResults(bench, figures))
}

await run().catch((error: unknown) => {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
// Agents of servers that are gone may still hold sockets
process.exit()
