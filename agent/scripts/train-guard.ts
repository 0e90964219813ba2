import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { createCheck } from '../src/core/guard/check-text.ts'
import { FEATURE_BUCKETS, toFeatures } from '../src/core/guard/features.ts'
import { foldText } from '../src/core/guard/fold.ts'
import { type LearntTable, scoreWith, toMargin } from '../src/core/guard/model.ts'

const HELP = `Usage: node agent/scripts/train-guard.ts FILE.jsonl … [--write]

Learns the guard's table from labelled texts (lines of {"text" or "turns",
"label", "category", "source"}) and from the sentences in agent/scripts/guard.
Prints what rules and table catch on folds that were held out, whole sources at
a time; --write then learns from everything and writes the table.
`

interface Row {
  readonly text: string | readonly string[]
  readonly isAttack: boolean
  readonly group: string
  readonly category: string
}

/** An example ready for learning. */
interface Example {
  readonly features: readonly number[]
  readonly isAttack: boolean
}

const readRows = (file: string): Row[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const { text, turns, label, category = '', source = '' } = JSON.parse(line)
      return { text: text ?? turns, isAttack: label === 'attack', group: `${category} / ${source}`, category }
    })

const readOwn = (): Row[] =>
  (['attack', 'benign'] as const).flatMap((label) =>
    readFileSync(new URL(`guard/${label}.txt`, import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((text) => ({ text, isAttack: label === 'attack', group: 'own', category: 'own' })),
  )

const toPlain = ({ text }: Row): string => foldText(typeof text === 'string' ? text : text.join('\n'))
const toExample = (row: Row): Example => ({ features: toFeatures(toPlain(row)), isAttack: row.isAttack })

const EPOCHS = 40
const RATE = 0.6
const DECAY = 2e-4

/** Adaptive gradient descent on the logistic loss; texts have one length, whatever their number of features. */
const learn = (examples: readonly Example[]) => {
  const weights = new Float64Array(FEATURE_BUCKETS)
  const squares = new Float64Array(FEATURE_BUCKETS).fill(1e-3)
  let [bias, biasSquare] = [0, 1e-3]
  let seed = 7
  const order = examples.map((_, at) => at)
  for (let epoch = 0; epoch < EPOCHS; epoch += 1) {
    for (let at = order.length - 1; at > 0; at -= 1) {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
      const other = seed % (at + 1)
      const [one, two] = [order[at] ?? 0, order[other] ?? 0]
      order[at] = two
      order[other] = one
    }
    for (const at of order) {
      const example = examples[at]
      if (example === undefined) continue
      const length = Math.sqrt(Math.max(1, example.features.length))
      let margin = bias
      for (const feature of example.features) margin += (weights[feature] ?? 0) / length
      const error = 1 / (1 + Math.exp(-margin)) - (example.isAttack ? 1 : 0)
      biasSquare += error * error
      bias -= (RATE * error) / Math.sqrt(biasSquare) / 10
      for (const feature of example.features) {
        const gradient = error / length + DECAY * (weights[feature] ?? 0)
        squares[feature] = (squares[feature] ?? 0) + gradient * gradient
        weights[feature] = (weights[feature] ?? 0) - (RATE * gradient) / Math.sqrt(squares[feature] ?? 1)
      }
    }
  }
  return { weights, bias }
}

/** Weights as bytes. */
const quantize = ({ weights, bias }: ReturnType<typeof learn>, threshold: number): LearntTable => {
  const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 1e-9)
  const scale = largest / 127
  return { weights: Int8Array.from(weights, (weight) => Math.round(weight / scale)), scale, bias, threshold }
}

/** Encoded copies are for the decoders. */
const isTaught = (row: Row): boolean => !row.category.startsWith('encoded')

const INNER_FOLDS = 4
/** An attack that the others do not let expect at all reads like anything else: learning it costs harmless texts. */
const DOUBTFUL_MARGIN = -2.5

const toTable = (rows: readonly Row[], threshold: number): LearntTable => {
  const taught = rows.filter(isTaught)
  const kept: Row[] = []
  for (let fold = 0; fold < INNER_FOLDS; fold += 1) {
    const others = taught.filter((_, at) => at % INNER_FOLDS !== fold)
    const learnt = quantize(learn(others.map(toExample)), threshold)
    const isDoubtful = (row: Row) => row.isAttack && toMargin(learnt, toPlain(row)) < DOUBTFUL_MARGIN
    kept.push(...taught.filter((row, at) => at % INNER_FOLDS === fold && !isDoubtful(row)))
  }
  return quantize(learn(kept.map(toExample)), threshold)
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean' },
    write: { type: 'boolean' },
    threshold: { type: 'string', default: '1' },
    folds: { type: 'string', default: '5' },
    by: { type: 'string', default: 'source' },
  },
})
if (values.help === true || positionals.length === 0) {
  process.stdout.write(HELP)
  process.exit(values.help === true ? 0 : 1)
}

const rows = positionals.flatMap(readRows)
const own = readOwn()
const folds = Number(values.folds)
const groups = [...new Set(rows.map(({ group }) => group))].sort()
const foldOf = (row: Row, at: number) =>
  values.by === 'source' ? groups.indexOf(row.group) % folds : (at * 7919) % folds
const percent = (part: number, whole: number) => `${part}/${whole} ${((100 * part) / Math.max(1, whole)).toFixed(1)} %`

const thresholds = values.threshold.split(',').map(Number)
const counts = thresholds.map(() => new Map<string, [number, number]>())
for (let fold = 0; fold < folds; fold += 1) {
  const held = rows.filter((row, at) => foldOf(row, at) === fold)
  const learntTable = toTable([...rows.filter((row, at) => foldOf(row, at) !== fold), ...own], 0)
  thresholds.forEach((threshold, index) => {
    const check = createCheck((folded) => scoreWith({ ...learntTable, threshold }, folded))
    for (const row of held) {
      const isBlocked = check(row.text).action === 'block'
      for (const key of [row.isAttack ? 'ATTACK' : 'BENIGN', `${row.isAttack ? 'attack' : 'benign'} ${row.group}`]) {
        const [blocked, all] = counts[index]?.get(key) ?? [0, 0]
        counts[index]?.set(key, [blocked + (isBlocked ? 1 : 0), all + 1])
      }
    }
  })
}
thresholds.forEach((threshold, index) => {
  process.stdout.write(`held out by ${values.by}, threshold ${threshold}\n`)
  for (const [key, [blocked, all]] of [...(counts[index] ?? [])].sort()) {
    if (thresholds.length === 1 || key === key.toUpperCase())
      process.stdout.write(`  ${key}: ${percent(blocked, all)}\n`)
  }
})

if (values.write === true) {
  const learnt = toTable([...rows, ...own], thresholds[0] ?? 0)
  const file = new URL('../src/core/guard/model.json', import.meta.url)
  const weights = Buffer.from(learnt.weights.buffer).toString('base64')
  const sources = [...new Set(rows.filter(isTaught).map(({ group }) => group.split(' / ')[1] ?? ''))].sort()
  const table = { bias: learnt.bias, scale: learnt.scale, threshold: learnt.threshold, sources, weights }
  writeFileSync(file, `${JSON.stringify(table, null, 2)}\n`)
}
