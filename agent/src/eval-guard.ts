import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { elapsedMs } from './adapters/system/stopwatch.ts'
import { checkText, type Verdict } from './core/guard/check-text.ts'

const HELP = `Usage: pnpm eval:guard FILE.jsonl [FILE.jsonl …] [--verbose]

Measures the guard on texts that are known to be attacks or harmless. Each line
of a file is a JSON object with "label", which is "attack" or "benign", and
either "text" or "turns", a list of texts. Other members are ignored, except
"id", "category" and "source", which --verbose shows.

The last line printed is one JSON object:
  attacks, caught   how many attacks there were, and how many were blocked
  benign, blocked   how many harmless texts there were, and how many were blocked
  p99Ms             the time of the slowest hundredth of the checks, in milliseconds

  --verbose   names every attack that was missed and every harmless text that
              was blocked, by line and rule; never by its words
`

const example = z.object({
  label: z.enum(['attack', 'benign']),
  text: z.string().optional(),
  turns: z.array(z.string()).min(1).optional(),
  id: z.union([z.string(), z.number()]).optional(),
  category: z.string().optional(),
  source: z.string().optional(),
})
type Example = z.infer<typeof example> & { readonly at: string }

/** Why the program cannot do what was asked, in one sentence. */
class FileError extends Error {
  override readonly name = 'FileError'
}

const readLines = (file: string): string[] => {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch (cause) {
    throw new FileError(`${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

const parseExample = (line: string, at: string): Example => {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch (cause) {
    throw new FileError(`${at} is not JSON.`, { cause })
  }
  const parsed = example.safeParse(json)
  if (!parsed.success || (parsed.data.text === undefined) === (parsed.data.turns === undefined)) {
    throw new FileError(`${at} is no object with "label" ("attack" or "benign") and either "text" or "turns".`)
  }
  return { ...parsed.data, at }
}

const readExamples = (file: string): Example[] =>
  readLines(file).flatMap((line, index) => (line.trim() === '' ? [] : [parseExample(line, `${file}:${index + 1}`)]))

const write = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

/** What one text came to. */
interface Measured {
  readonly example: Example
  readonly verdict: Verdict
  readonly tookMs: number
}

/** Texts that are checked once before anything is timed: the first compile what the others use. */
const WARM_UP = 500
const PROGRESS_EVERY = 500

const measure = (examples: readonly Example[]): Measured[] => {
  for (const { text, turns } of examples.slice(0, WARM_UP)) checkText(text ?? turns ?? [])
  return examples.map((example, index) => {
    if (index > 0 && index % PROGRESS_EVERY === 0) write(`${index} of ${examples.length} checked`)
    const begunAt = elapsedMs()
    const verdict = checkText(example.text ?? example.turns ?? [])
    return { example, verdict, tookMs: elapsedMs() - begunAt }
  })
}

const isWrong = ({ example, verdict }: Measured): boolean =>
  (example.label === 'attack') !== (verdict.action === 'block')

const describe = ({ example, verdict }: Measured): string =>
  [
    example.label === 'attack' ? 'missed ' : 'blocked',
    example.id ?? example.at,
    ...[example.category, example.source].filter((word) => word !== undefined),
    `score ${verdict.score.toFixed(2)}`,
    ...(verdict.ruleId === undefined ? [] : [verdict.ruleId]),
  ].join('  ')

const summarize = (measured: readonly Measured[]) => {
  const attacks = measured.filter(({ example }) => example.label === 'attack')
  const benign = measured.filter(({ example }) => example.label === 'benign')
  const times = measured.map(({ tookMs }) => tookMs).sort((one, other) => one - other)
  const isBlocked = ({ verdict }: Measured) => verdict.action === 'block'
  return {
    attacks: attacks.length,
    caught: attacks.filter(isBlocked).length,
    benign: benign.length,
    blocked: benign.filter(isBlocked).length,
    p99Ms: Number((times[Math.ceil(times.length * 0.99) - 1] ?? 0).toFixed(3)),
  }
}

const share = (part: number, whole: number): string => (whole === 0 ? 'none' : `${((100 * part) / whole).toFixed(1)} %`)

const readArguments = () => {
  try {
    return parseArgs({ allowPositionals: true, options: { help: { type: 'boolean' }, verbose: { type: 'boolean' } } })
  } catch (cause) {
    throw new FileError(`${cause instanceof Error ? cause.message : String(cause)} See --help.`, { cause })
  }
}

const run = (): void => {
  const { values, positionals } = readArguments()
  if (values.help === true) {
    process.stdout.write(HELP)
    return
  }
  if (positionals.length === 0) throw new FileError('Name at least one file of texts; --help says what they look like.')
  const examples = positionals.flatMap(readExamples)
  if (examples.length === 0) throw new FileError(`There is no text in ${positionals.join(', ')}.`)
  write(`${examples.length} texts`)
  const measured = measure(examples)
  if (values.verbose === true) for (const one of measured.filter(isWrong)) write(describe(one))
  const summary = summarize(measured)
  write(
    `attacks caught ${share(summary.caught, summary.attacks)}, harmless blocked ${share(summary.blocked, summary.benign)}`,
  )
  write(JSON.stringify(summary))
}

try {
  run()
} catch (error) {
  if (!(error instanceof FileError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
