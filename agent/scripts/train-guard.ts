import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { createCheck } from '../src/core/guard/check-text.ts'
import { scoreWith } from '../src/core/guard/model.ts'
import { type Labelled, learnTable } from './learn-table.ts'

const HELP = `Usage: node agent/scripts/train-guard.ts FILE.jsonl … [--by WAY] [--threshold N,N] [--write]

Learns the guard's table from labelled texts (lines of {"text" or "turns",
"label", "category", "source"}) and from the sentences in agent/scripts/guard.
Prints what rules and table catch on texts that were held out of the learning.

  --by text        a tenth of the texts at a time
  --by repository  all that comes from one place at a time, attacks and harmless
                   texts (unless told otherwise)
  --by source      an eighth of all pairs of category and source at a time: the
                   likes of a text may then be known as the other label only
  --threshold      the margin from which on the table blocks (-0.4 unless set);
                   of several the first is written
  --write          learns from everything, and writes the table
`

interface Row extends Labelled {
  readonly category: string
  readonly source: string
}

const readRows = (file: string): Row[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const { text, turns, label, category = '', source = '' } = JSON.parse(line)
      return { text: text ?? turns, isAttack: label === 'attack', category, source }
    })

/** The sentences that were written for it, one a line; `\n` stands for a line break. */
const readOwn = (): Labelled[] =>
  (['attack', 'benign'] as const).flatMap((label) =>
    readFileSync(new URL(`guard/${label}.txt`, import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => ({ text: line.replaceAll('\\n', '\n'), isAttack: label === 'attack' })),
  )

/** Encoded copies are for the decoders. */
const isTaught = ({ category }: Row): boolean => !category.startsWith('encoded')

/** Words by which an attack says plainly what it is. */
const EXPLICIT =
  /\b(?:ignor\w*|disregard\w*|forget\w*|overrid\w*|overlook\w*|bypass\w*|jailbr\w*|pretend\w*|reveal\w*|unrestricted|uncensored|unfiltered|restrictions?|system prompt|act as|role ?play\w*|previous|prior|instructions|developer mode|dan)\b/i

const isExplicit = ({ text, isAttack, category }: Row): boolean =>
  isAttack && !category.startsWith('encoded') && EXPLICIT.test(typeof text === 'string' ? text : text.join(' '))

type FoldOf = (row: Row, at: number) => number

const WAYS: { readonly [way: string]: (rows: readonly Row[]) => FoldOf } = {
  text: () => (_row, at) => (at * 7919) % 10,
  repository: (rows) => {
    const toRepository = ({ source }: Row) => source.split(' ')[0] ?? ''
    const repositories = [...new Set(rows.map(toRepository))]
    return (row) => repositories.indexOf(toRepository(row))
  },
  source: (rows) => {
    const toGroup = ({ category, source }: Row) => `${category} / ${source}`
    const groups = [...new Set(rows.map(toGroup))].sort()
    return (row) => groups.indexOf(toGroup(row)) % 8
  },
}

/** How many of how many were blocked, by kind. */
class Counts {
  readonly #counts = new Map<string, { blocked: number; all: number }>()

  add(row: Row, isBlocked: boolean): void {
    const { isAttack, category, source } = row
    const label = isAttack ? 'attack' : 'harmless'
    const kinds = [label.toUpperCase(), `${label} ${category}`, `${label} ${category} / ${source}`]
    if (isAttack && isTaught(row)) kinds.push('ATTACK not encoded')
    if (isExplicit(row)) kinds.push('ATTACK explicit')
    for (const kind of kinds) {
      const count = this.#counts.get(kind) ?? { blocked: 0, all: 0 }
      this.#counts.set(kind, { blocked: count.blocked + (isBlocked ? 1 : 0), all: count.all + 1 })
    }
  }

  print(): void {
    for (const [kind, { blocked, all }] of [...this.#counts].sort()) {
      process.stdout.write(`  ${kind}: ${blocked}/${all} ${((100 * blocked) / all).toFixed(1)} %\n`)
    }
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean' },
    write: { type: 'boolean' },
    threshold: { type: 'string', default: '-0.4' },
    by: { type: 'string', default: 'repository' },
  },
})
const toFolds = WAYS[values.by]
if (values.help === true || positionals.length === 0 || toFolds === undefined) {
  process.stdout.write(HELP)
  process.exit(values.help === true ? 0 : 1)
}

const rows = positionals.flatMap(readRows)
const own = readOwn()
const thresholds = values.threshold.split(',').map(Number)
const counts = thresholds.map(() => new Counts())
const foldOf = toFolds(rows)
for (const fold of new Set(rows.map(foldOf))) {
  const others = rows.filter((row, at) => foldOf(row, at) !== fold && isTaught(row))
  const table = learnTable([...others, ...own], 0)
  thresholds.forEach((threshold, index) => {
    const check = createCheck((folded, findings) => scoreWith({ ...table, threshold }, folded, findings))
    rows.forEach((row, at) => {
      if (foldOf(row, at) === fold) counts[index]?.add(row, check(row.text).action === 'block')
    })
  })
}
thresholds.forEach((threshold, index) => {
  process.stdout.write(`held out by ${values.by}, threshold ${threshold}\n`)
  counts[index]?.print()
})

if (values.write === true) {
  const taught = rows.filter(isTaught)
  const { weights, ...rest } = learnTable([...taught, ...own], thresholds[0] ?? 0)
  const sources = [...new Set(taught.map(({ source }) => source))].sort()
  const table = { ...rest, sources, weights: Buffer.from(weights.buffer).toString('base64') }
  const file = new URL('../src/core/guard/model.json', import.meta.url)
  writeFileSync(file, `${JSON.stringify(table, null, 2)}\n`)
}
