import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cellsOf } from './cells.ts'
import { type Draft, EDITS, EMPTY, insert, moveVertically } from './draft.ts'
import { layOut } from './layout.ts'

/** A draft of which `|` is the cursor. */
const at = (text: string): Draft => ({ ...EMPTY, text: text.replace('|', ''), cursor: text.indexOf('|') })
const show = ({ text, cursor }: Draft) => `${text.slice(0, cursor)}|${text.slice(cursor)}`

describe('what is being typed', () => {
  it.each([
    ['left', 'añ|b', 'a|ñb'],
    ['left', 'x👩🏽‍🚀|', 'x|👩🏽‍🚀'],
    ['left', 'a\n|b', 'a|\nb'],
    ['right', 'a|\nb', 'a\n|b'],
    ['right', '|🇵🇹', '🇵🇹|'],
    ['wordLeft', 'say hello, |', 'say |hello, '],
    ['wordRight', 'say| hello, you', 'say hello|, you'],
    ['start', 'one\ntw|o', 'one\n|two'],
    ['end', 'o|ne\ntwo', 'one|\ntwo'],
    ['eraseBefore', 'one\n|two', 'one|two'],
    ['eraseAfter', 'a|😀b', 'a|b'],
    ['cutWordBefore', 'a path/to|', 'a path/|'],
    ['cutBlankBefore', 'a path/to|', 'a |'],
    ['cutWordAfter', 'a| word b', 'a| b'],
    ['cutToStart', 'one\ntwo|x', 'one\n|x'],
    ['cutToEnd', 't|wo\nx', 't|\nx'],
  ] as const)('%s of %j is %j', (name, before, after) => {
    expect(show(EDITS[name](at(before)))).toBe(after)
  })

  it('puts back what was cut last', () => {
    expect(show(EDITS.putBack(EDITS.cutToStart(EDITS.cutBlankBefore(at('one two|')))))).toBe('one |')
  })

  it('moves to the same column of the line above and below, as far as there is one', () => {
    expect(moveVertically(at('ab\ncdé|f'), -1)).toMatchObject({ cursor: 2 })
    expect(moveVertically(at('a|b\nc'), 1)).toMatchObject({ cursor: 4 })
    expect(moveVertically(at('ab|\nc'), -1)).toBeUndefined()
    expect(moveVertically(at('ab\nc|'), 1)).toBeUndefined()
  })

  it('is whole, with the cursor inside, after any keys', () => {
    const edits = fc.array(
      fc.oneof(
        fc.constantFrom(...Object.values(EDITS)),
        fc.constantFrom('a', '\n', '😀', '👨‍👩‍👧', ' ', '日').map(insert),
      ),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(edits, (all) => {
        const draft = all.reduce((before, edit) => edit(before), EMPTY)
        expect(draft.text.isWellFormed()).toBe(true)
        expect(draft.cursor).toBeGreaterThanOrEqual(0)
        expect(draft.cursor).toBeLessThanOrEqual(draft.text.length)
        expect(draft.text.slice(0, draft.cursor).isWellFormed()).toBe(true)
      }),
    )
  })

  it('is laid out in rows that fit, with the cursor in one of them', () => {
    const draft = fc
      .tuple(fc.array(fc.constantFrom('a', '\n', '😀', '日', '\t', 'bc ')), fc.nat(), fc.integer({ min: 4, max: 30 }))
      .map(([pieces, place, cells]) => ({ pieces, before: place % (pieces.length + 1), cells }))
    fc.assert(
      fc.property(draft, fc.integer({ min: 1, max: 8 }), ({ pieces, before, cells }, rowsMax) => {
        const text = pieces.join('')
        const { rows, cursorRow, beforeCursor } = layOut(
          { ...EMPTY, text, cursor: pieces.slice(0, before).join('').length },
          cells,
          rowsMax,
        )
        expect(rows.length).toBeLessThanOrEqual(rowsMax)
        for (const row of rows) expect(cellsOf(row)).toBeLessThanOrEqual(Math.max(cells, '> … 99 lines above'.length))
        expect(rows[cursorRow]?.startsWith(beforeCursor)).toBe(true)
      }),
    )
  })
})
