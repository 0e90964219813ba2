import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyText, anyTextOf } from '../../test-support/any-text.ts'
import { parseCommandLine } from './command-line.ts'
import type { Known } from './phrase-known.ts'
import { readPhrase } from './phrases.ts'

const KNOWN: Known = {
  groups: ['Research Team', 'Chess Club', 'a "b"', 'Mia’s Team'],
  agents: ['Atlas', 'Nova', 'Network AI'],
}
const NOBODY: Known = { groups: [] }

const read = (text: string, known = KNOWN) => readPhrase(text, known)?.text

describe('a sentence is read as a command without a model', () => {
  test.each([
    ['Create a research group with Atlas, Nova, and Bolt', '!group create "Research Team" "Atlas" "Nova" "Bolt"'],
    ['please create a quantum error group of atlas & Bolt!', '!group create "Quantum Error Team" "atlas" "Bolt"'],
    ['Create a group with Atlas', '!group create "Team" "Atlas"'],
    ['Create a group called Chess Club with "Atlas"', '!group create "Chess Club" "Atlas"'],
    ['Make a new team with Nova and Bolt named “Crew”.', '!group create "Crew" "Nova" "Bolt"'],
    [
      'Erstelle eine Forschungsgruppe mit Atlas, Nova und Bolt',
      '!group create "Forschungsgruppe" "Atlas" "Nova" "Bolt"',
    ],
    ['Gründe ein Team namens Schach mit Nova', '!group create "Schach" "Nova"'],
  ])('%j makes a group', (text, line) => {
    expect(read(text, NOBODY)).toBe(line)
  })

  test.each([
    ['Create a group with Network AI and Nova', '!group create "Team" "Network AI" "Nova"'],
    ['Create a research group with Nova', '!group create "Research Team 2" "Nova"'],
    [
      'Tell the Research Team:\nWhat are your\n\n"thoughts"?',
      '!group send "Research Team" What are your\n\n"thoughts"?',
    ],
    ['ask the chess club group: who: plays?', '!group send "Chess Club" who: plays?'],
    ['Sag dem Research Team: Hallo', '!group send "Research Team" Hallo'],
    ['Tell a "b": hello', `!group send 'a "b"' hello`],
    ["Tell Mia's team: hello", '!group send "Mia’s Team" hello'],
    ['Tell Nova: hello', '!agents send "Nova" hello'],
    ['Frag den Agenten network ai: wie?', '!agents send "Network AI" wie?'],
    ['Ask all agents: well?', '!agents all well?'],
    ['Add Zed to the Research Team', '!group add "Research Team" "Zed"'],
    [
      'Add the agent at +44 7700 900123 with name Nova to the Research Team group',
      '!group add "Research Team" "Nova" +44 7700 900123',
    ],
    ['Invite Atlas, Nova at +447700900123 to Chess Club', '!group add "Chess Club" "Atlas" "Nova" +447700900123'],
    ['Füge Nova und Bolt zur Gruppe Chess Club hinzu', '!group add "Chess Club" "Nova" "Bolt"'],
    ['Remove Nova from the Research Team.', '!group remove "Research Team" "Nova"'],
    ['Entferne Nova aus dem Research Team', '!group remove "Research Team" "Nova"'],
    ['Leave the chess club', '!group leave "Chess Club"'],
    ['Verlasse die Gruppe Chess Club', '!group leave "Chess Club"'],
    ['Show me the Research Team, please', '!group show "Research Team"'],
    ['Show my groups', '!groups'],
    ['Welche Gruppen gibt es?', '!groups'],
    ['Who is online?', '!agents'],
    ['Who’s there?', '!agents'],
    ['Zeig mir alle Agenten', '!agents'],
  ])('%j', (text, line) => {
    expect(read(text)).toBe(line)
  })

  test('a name with a capital letter may be an agent where nobody can say who there is', () => {
    expect(read('Tell Nova: hello', NOBODY)).toBe('!agents send "Nova" hello')
    expect(read('Tell me: hello', NOBODY)).toBeUndefined()
  })

  test.each([
    'Tell me: what is a group?',
    'Tell the Other Team: hello',
    'Tell Nova:',
    `Tell ${' '.repeat(200)}Nova: hello`,
    'Tell Nova about the Research Team',
    'Add milk to the shopping list',
    'Add milk and two eggs to the Research Team',
    'Create a research group with people who like chess',
    'Create a group called a "b" c with Nova',
    'How do I create a group with Nova?',
    'Leave me alone',
    'Show my love',
    'Who is online shopping?',
    '!group leave "Research Team"',
    'She said: Leave the chess club',
    'Leave the chess club. Then add Nova to the Research Team',
    '',
  ])('%j is none', (text) => {
    expect(read(text)).toBeUndefined()
  })

  test('whatever the text is, reading it neither fails nor makes a line that reads otherwise than it is', () => {
    const sentence = anyTextOf(
      ...[
        'Create a group with ',
        'Tell ',
        'the ',
        'Research Team',
        ': ',
        'Add ',
        ' to ',
        ' from ',
        'Remove ',
        'Leave ',
      ],
      ...['Nova', ' and ', ', ', '"', '“', '\n', ' called ', ' at +44 ', '!', 'a "b"', "'", ' with name '],
    )
    fc.assert(
      fc.property(fc.oneof(anyText, sentence), (text) => {
        const line = readPhrase(text, KNOWN)
        if (line !== undefined) expect(parseCommandLine(line.text)).toEqual(line)
      }),
      { numRuns: 500 },
    )
  })

  test('takes no longer for what is made to take long', () => {
    const startedAt = performance.now()
    const pieces = [
      'Tell ',
      'Create a group with a, ',
      'Add to to ',
      ' ',
      'show all my ',
      'a ',
      '"',
      'Add x at +1 ',
      '\n',
    ]
    for (const piece of pieces) {
      for (const length of [590, 100_000]) {
        readPhrase(piece.repeat(Math.ceil(length / piece.length)).slice(0, length), KNOWN)
        readPhrase(`Tell Nova: ${piece.repeat(Math.ceil(length / piece.length))}`, KNOWN)
      }
    }
    expect(performance.now() - startedAt).toBeLessThan(500)
  })
})
