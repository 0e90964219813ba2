import { describe, expect, it } from 'vitest'
import { PART_CHARS_MAX, toDrafts } from './to-drafts.ts'

const paragraphs = (count: number) => Array.from({ length: count }, (_, each) => `${each} ${'word '.repeat(199)}`)

describe('a text on its way to a person', () => {
  it('is one message as it is, if it is not long', () => {
    expect(toDrafts('  hello\n', false)).toEqual([{ kind: 'text', text: '  hello\n' }])
  })

  it('is up to three messages, cut between paragraphs', () => {
    const drafts = toDrafts(paragraphs(9).join('\n\n'), false) ?? []
    expect(drafts).toHaveLength(3)
    for (const { kind, text } of drafts) {
      expect([kind, text.length <= PART_CHARS_MAX, /^\d /.test(text)]).toEqual(['text', true, true])
    }
  })

  it('is a document beyond that, which says below how it begins', () => {
    const text = paragraphs(20).join('\n\n')
    const [draft, ...others] = toDrafts(text, false) ?? []
    expect(others).toEqual([])
    expect(draft).toMatchObject({ kind: 'document', text, fileName: 'answer.txt' })
    if (draft?.kind !== 'document') throw new Error('no document')
    expect(draft.caption).toMatch(/^0 word [\s\S]*… the whole answer is in the file\.$/)
    expect(draft.caption.length).toBeLessThan(700)
  })

  it('is nothing when nothing is in it', () => {
    expect(toDrafts(' \n ', false)).toBeUndefined()
  })
})

describe('a text for a program', () => {
  it('is one message as it is, or none', () => {
    const text = `{"a":"${'b\n\n'.repeat(20_000)}"}`
    expect(toDrafts(text, true)).toEqual([{ kind: 'text', text }])
    expect(toDrafts('x'.repeat(65_001), true)).toBeUndefined()
  })
})
