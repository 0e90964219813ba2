import type { JsonValue } from '@ai-comms/shared'
import { describe, expect, it } from 'vitest'
import { findMentioned, MEMBERS_MAX, readCharter, toPayload } from './charter.ts'
import type { Charter } from './ports.ts'

const charter: Charter = {
  ...{ groupId: 'g', name: 'Research Team', purpose: 'To know', mode: 'in-turn', creator: 'a', version: 3 },
  members: [
    { agentId: 'a', agentName: 'Atlas' },
    { agentId: 'n', agentName: 'Nova Prime', chats: { whatsapp: '44' } },
    { agentId: 'o', agentName: 'Ötzi' },
  ],
}
const payload = (more: object = {}) => ({ ...toPayload(charter), ...more }) as unknown as JsonValue
const members = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ agentId: `i${index}`, agentName: `n${index}` }))

describe('a charter', () => {
  it('is read as it was written', () => {
    expect(readCharter(payload({ have: { a: 1 } }))).toEqual(charter)
    expect(readCharter(payload({ members: [] }))?.members).toEqual([])
    expect(readCharter(payload({ members: members(MEMBERS_MAX) }))?.members).toHaveLength(MEMBERS_MAX)
  })

  it.each([
    ['no object', 'charter'],
    ['too many members', payload({ members: members(MEMBERS_MAX + 1) })],
    ['a member twice', payload({ members: [...members(1), ...members(1)] })],
    ['two members of one name', payload({ members: [...members(1), { agentId: 'x', agentName: 'N0' }] })],
    ['a member without a name', payload({ members: [{ agentId: 'x' }] })],
    ['a member with two lines for a name', payload({ members: [{ agentId: 'x', agentName: 'a\nb' }] })],
    ['a name of two lines', payload({ name: 'a\nb' })],
    ['a name that is too long', payload({ name: 'a'.repeat(65) })],
    ['no version', payload({ version: 0 })],
    ['an unknown mode', payload({ mode: 'at-once' })],
  ])('is refused with %s', (_what, value) => {
    expect(readCharter(value as JsonValue)).toBeUndefined()
  })

  it.each([
    ['Hello everybody', undefined],
    ['atlas, please', ['Atlas']],
    ['@Atlas and NOVA PRIME.', ['Atlas', 'Nova Prime']],
    ['an atlasbook and a megatlas', undefined],
    ['Nova alone is not her name', undefined],
    ['ötzi?', ['Ötzi']],
    ['the atlas_x is a word', undefined],
    ['atlasbook, or Atlas', ['Atlas']],
  ])('finds whom %s mentions', (text, names) => {
    expect(findMentioned(charter, text)?.map(({ agentName }) => agentName)).toEqual(names)
  })
})
