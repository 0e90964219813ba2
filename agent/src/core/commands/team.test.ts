import { describe, expect, test } from 'vitest'
import { setUpCommands } from '../../test-support/set-up-commands.ts'
import type { Chat } from '../message.ts'

const CHAT: Chat = { id: 'c', isGroup: false }

describe('!team', () => {
  test('hands the task over as it was written, says nothing itself, and holds nobody', async () => {
    const { give, orders, said } = setUpCommands()
    expect(await give('!team build\n\n  "it" well')).toEqual({ text: '', outcome: 'done' })
    expect(orders).toEqual([{ chat: CHAT, person: 'mia', text: 'build\n\n  "it" well' }])
    expect(said).toEqual([])
  })

  test('stops the team of the chat, and says nothing itself', async () => {
    const stopped: Chat[] = []
    const stopTeam = async (chat: Chat) => {
      stopped.push(chat)
      return false
    }
    const { give, orders } = setUpCommands({ stopTeam })
    expect(await give('!team STOP')).toEqual({ text: '', outcome: 'done' })
    expect([stopped, orders]).toEqual([[CHAT], []])
  })

  test.each(['stop the water', '"stop"', 'help me'])('takes %j for a task', async (text) => {
    const { give, orders } = setUpCommands()
    await give(`!team ${text}`)
    expect(orders).toMatchObject([{ text }])
  })

  test.each(['!team', '!team help'])('%s is shown how it is written', async (text) => {
    const { give, orders } = setUpCommands()
    expect(await give(text)).toEqual({ text: expect.stringContaining('!team <task>'), outcome: 'refused' })
    expect(orders).toEqual([])
  })
})
