import { describe, expect, test } from 'vitest'
import { giveTo, setUpCommands } from '../../test-support/set-up-commands.ts'
import type { Command } from './command.ts'

describe('a command', () => {
  test('that does not exist is one line with the nearest, and help', async () => {
    const { give } = setUpCommands()
    expect(await give('!agnets')).toEqual({
      text: 'There is no command !agnets. Did you mean !agents? !help lists them.',
      outcome: 'unknown',
    })
    expect((await give('!zzzzzzzz')).text).toBe('There is no command !zzzzzzzz. !help lists them.')
  })

  test('for admins does not exist for anybody else, and its try is told apart for the audit', async () => {
    const { give } = setUpCommands()
    expect(await give('!logs')).toEqual({ text: 'There is no command !logs. !help lists them.', outcome: 'forbidden' })
    expect(await give('!logs 5', { isAdmin: true })).toEqual({ text: 'last 5', outcome: 'done' })
  })

  test('is listed for those who may give it, what people use most first', async () => {
    const { give } = setUpCommands()
    const namesFor = async (isAdmin: boolean) =>
      [...(await give('!help', { isAdmin })).text.matchAll(/^!(\p{L}+): /gmu)].map(([, name]) => name)
    const forAll = ['help', 'agents', 'team', 'groups', 'group', 'forget']
    expect(await namesFor(false)).toEqual(forAll)
    expect(await namesFor(true)).toEqual([...forAll, 'status', 'provider', 'security', 'logs'])
  })

  test('is explained on request', async () => {
    const { give } = setUpCommands()
    expect((await give('!help !agents')).text).toContain('!agents send <name> <task>')
  })

  test('with a bug in it throws, so that it is not told as an answer', async () => {
    const run = async () => {
      throw new TypeError('bug')
    }
    const broken: Command = { name: 'x', usage: [], summary: '', isForAdmins: false, run }
    await expect(giveTo([broken], { said: [], delegated: [] })('!x')).rejects.toThrow(TypeError)
  })
})

describe('what everybody may do with his own', () => {
  test('is to be forgotten', async () => {
    const { give } = setUpCommands({
      forget: (personId) => ({ kind: 'forgotten', exchanges: personId === 'mia' ? 3 : 0 }),
    })
    expect((await give('!forget')).text).toBe('Forgotten: 3 exchanges with you.')
    expect((await give('!forget', { id: 'ben' })).text).toBe('There was nothing to forget.')
  })

  test('is told apart from what could not be wiped', async () => {
    const { give } = setUpCommands({ forget: () => ({ kind: 'failed' }) })
    const { text, outcome } = await give('!forget')
    expect([text, outcome]).toEqual([expect.stringContaining('may still be there'), 'refused'])
  })
})

describe('!logs', () => {
  test('takes a number within bounds', async () => {
    const { give } = setUpCommands()
    for (const count of ['0', '201', 'many', '-1']) {
      expect((await give(`!logs ${count}`, { isAdmin: true })).text).toBe('!logs takes a number from 1 to 200.')
    }
  })
})
