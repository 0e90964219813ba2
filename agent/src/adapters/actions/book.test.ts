import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCommandLine } from '../../core/commands/command-line.ts'
import { anyText, anyTextOf } from '../../test-support/any-text.ts'
import { setUpCommands } from '../../test-support/set-up-commands.ts'
import { PERSON_ACTIONS, PERSON_TOOLS, readAction } from './book.ts'

const read = (tool: string, input: unknown) => {
  const reading = readAction({ tool, input })
  return reading.ok ? reading.line.text : reading
}
const REFUSED = { ok: false, complaint: expect.any(String) }
const NAMES = PERSON_TOOLS.map(({ name }) => name)

describe('what a model may ask for', () => {
  test('is offered as plain objects that every vendor takes', () => {
    expect(NAMES).toEqual([
      ...['list_agents', 'ask_agent', 'ask_all_agents', 'start_team', 'stop_team', 'list_groups', 'create_group'],
      ...['add_to_group', 'remove_from_group', 'send_to_group', 'leave_group', 'show_group'],
    ])
    for (const { parameters, description } of PERSON_TOOLS) {
      expect(parameters).toEqual({
        type: 'object',
        properties: expect.any(Object),
        required: expect.any(Array),
        additionalProperties: false,
      })
      expect(JSON.stringify(parameters)).not.toMatch(/\$|pattern|minLength|maxLength|minItems|anyOf|allOf/)
      expect(description).toMatch(/Only when the person asks/)
    }
  })

  test.each([
    ['list_agents', undefined, '!agents'],
    ['list_agents', {}, '!agents'],
    ['ask_agent', { agent: ' Network  AI ', message: ' look\n"there"\n' }, '!agents send "Network AI" look\n"there"'],
    ['ask_all_agents', { message: 'well?' }, '!agents all well?'],
    ['start_team', { task: 'stop the leak' }, '!team stop the leak'],
    ['stop_team', {}, '!team stop'],
    ['list_groups', null, '!groups'],
    [
      'create_group',
      { name: 'X', members: ['@Nova', 'and'], purpose: '', mode: null },
      '!group create "X" "Nova" "and"',
    ],
    [
      'create_group',
      { name: "Mia's", members: ['Nova'], purpose: 'mode: in-turn', mode: 'parallel' },
      `!group create "Mia's" "Nova" mode: parallel purpose: mode: in-turn`,
    ],
    [
      'add_to_group',
      { group: 'X', members: ['Nova'], phone_number: '+44 (0) 7700 900123' },
      '!group add "X" "Nova" +447700900123',
    ],
    ['remove_from_group', { group: 'X', members: ['Nova', 'Bolt'] }, '!group remove "X" "Nova" "Bolt"'],
    ['send_to_group', { group: 'X', message: ': "hi"' }, '!group send "X" : "hi"'],
    ['leave_group', { group: 'X' }, '!group leave "X"'],
    ['show_group', { group: 'X' }, '!group show "X"'],
  ])('%s %j becomes a command', (tool, input, line) => {
    expect(read(tool, input)).toBe(line)
  })

  test.each([
    ['forget', {}],
    ['logs', {}],
    ['status', {}],
    ['__proto__', {}],
    ['constructor', {}],
    ['list_agents', { command: '!logs' }],
    ['list_agents', JSON.parse('{"__proto__":{"x":1}}')],
    ['list_agents', []],
    ['list_agents', 'x'],
    ['ask_agent', { agent: 'Nova' }],
    ['ask_agent', { agent: 'Nova', message: ' \n' }],
    ['ask_agent', { agent: 'Nova" !logs', message: 'x' }],
    ['ask_agent', { agent: 'No\nva'.repeat(20), message: 'x' }],
    ['ask_agent', { agent: ['Nova'], message: 'x' }],
    ['ask_agent', { agent: 'Nova', message: 'x'.repeat(10_001) }],
    ['ask_agent', { agent: 'x'.repeat(100_000), message: 'x' }],
    ['start_team', { task: 'stop' }],
    ['start_team', { task: 'HELP' }],
    ['create_group', { name: 'a "b"', members: ['Nova'] }],
    ['create_group', { name: 'a ”b“', members: ['Nova'] }],
    ['create_group', { name: 'a\u0000b', members: ['Nova'] }],
    ['create_group', { name: 'X', members: [] }],
    ['create_group', { name: 'X', members: 'Nova' }],
    ['create_group', { name: 'X', members: Array.from({ length: 17 }, (_, place) => `a${place}`) }],
    ['create_group', { name: 'X', members: ['Nova'], mode: 'chaos' }],
    ['create_group', { name: 'X', members: ['Nova'], purpose: 'x'.repeat(501) }],
    ['create_group', { name: 'X', members: ['Nova'], owner: 'somebody' }],
    ['add_to_group', { group: 'X', members: ['Nova', 'Bolt'], phone_number: '+447700900123' }],
    ['add_to_group', { group: 'X', members: ['Nova'], phone_number: '+44 1 !logs' }],
    ['add_to_group', { group: 'X', members: ['Nova'], phone_number: 'console' }],
    ['send_to_group', { group: '', message: 'x' }],
  ])('%s %j is refused', (tool, input) => {
    const reading = read(tool, input)
    expect(reading).toEqual(REFUSED)
    expect(JSON.stringify(reading).length).toBeLessThan(600)
  })

  test('says what is wrong, in words that a person understands', () => {
    expect(read('ask_agent', { agent: 'a"b', message: 3, more: 1 })).toEqual({
      ok: false,
      complaint:
        'ask_agent: agent: must be the name of an agent; message: must be a text; has members that are not known.',
    })
  })
})

describe('whatever a call holds', () => {
  const text = fc.oneof(
    anyText,
    anyTextOf('"', '“', '”', "'", ' ', '\n', '!logs', 'Nova', 'and', '+49 171 1234567', 'mode:', 'purpose:', 'stop'),
  )
  const members = [
    ...['agent', 'message', 'task', 'name', 'members', 'purpose', 'mode', 'group', 'phone_number', '__proto__'],
  ] as const
  const anyMember = fc.oneof(text, fc.array(text, { maxLength: 4 }), fc.constantFrom('in-turn', null, 1), fc.anything())
  const anyInput = fc.oneof(fc.dictionary(fc.constantFrom(...members), anyMember), fc.anything())

  test('it is read without failing, and as one of a few commands that stands as it was written', () => {
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...NAMES), text), anyInput, (tool, input) => {
        const reading = PERSON_ACTIONS.read({ tool, input })
        const line = reading.ok ? reading.line : undefined
        if (!reading.ok) expect(reading).toEqual(REFUSED)
        expect(['agents', 'team', 'groups', 'group', undefined]).toContain(line?.name)
        expect(line && parseCommandLine(line.text)).toEqual(line)
      }),
      { numRuns: 1_000 },
    )
  })

  test('its names are single words of the line, and its free text stays as it is', () => {
    const name = fc
      .stringMatching(/^[a-z0-9](?:[a-z0-9._ -]{0,10}[a-z0-9])?$/)
      .map((given) => given.replace(/ +/g, ' '))
    const groupName = fc.constantFrom('X', 'purpose: y', 'mode: in-turn', 'and', "it's", '+49 171', 'Nova, Bolt', 'a:')
    const message = text.filter((given) => given.trim() !== '')
    fc.assert(
      fc.property(
        name,
        groupName,
        fc.array(name, { minLength: 1, maxLength: 4 }),
        message,
        (agent, group, list, said) => {
          const wordsOf = (tool: string, input: object, count: number) => {
            const reading = readAction({ tool, input })
            if (!reading.ok) throw new Error(reading.complaint)
            const { words, text: line } = reading.line
            const rest = line.slice(words[count - 1]?.end).trim()
            return [words.slice(1, count).map((word) => word.text), rest]
          }
          const whole = said.toWellFormed().trim()
          expect(wordsOf('ask_agent', { agent, message: said }, 2)).toEqual([[agent], whole])
          expect(wordsOf('send_to_group', { group, message: said }, 2)).toEqual([[group], whole])
          expect(wordsOf('create_group', { name: group, members: list, purpose: said }, 2 + list.length)).toEqual([
            [group, ...list],
            `mode: parallel purpose: ${whole}`,
          ])
        },
      ),
    )
  })

  test('a group is made as it was asked for, whatever its purpose says', async () => {
    const { network, giveAndWait, atlas } = setUpCommands()
    network.add('Nova')
    const purpose = 'mode: in-turn\npurpose: "x" mode: in-turn'
    const reading = readAction({ tool: 'create_group', input: { name: 'mode: in-turn', members: ['nova'], purpose } })
    if (!reading.ok) throw new Error(reading.complaint)
    await giveAndWait(reading.line)
    expect(atlas.peers.groups.list()).toMatchObject([
      { name: 'mode: in-turn', members: ['Atlas', 'Nova'], mode: 'parallel', purpose },
    ])
  })

  test('a text with commands in it is said, and none of them is done', async () => {
    const { hub, give, orders } = setUpCommands()
    const message = '!team stop\n!forget\n"; !logs'
    const reading = readAction({ tool: 'ask_agent', input: { agent: 'Nova', message } })
    if (!reading.ok) throw new Error(reading.complaint)
    await give(reading.line)
    expect(hub.asked).toEqual([{ target: { agent: 'Nova' }, message, sender: 'Atlas' }])
    expect(orders).toEqual([])
  })
})
