import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../test-support/fake-clock.ts'
import { CONSOLE_CHAT, FakeMessenger } from '../../test-support/fake-messenger.ts'
import type { GroupView } from '../groups/group-view.ts'
import { AWAITED_MS_MAX, GroupVoice } from './group-voice.ts'
import { Working } from './working.ts'

const GROUP: GroupView = {
  ...{ groupId: 'g1', name: 'Research Team', purpose: undefined, mode: 'parallel' },
  ...{ members: ['Atlas', 'Nova'], creator: 'Atlas', owner: '49171', messages: 1, missing: 0 },
}

const setUp = (ownerId: string | undefined = 'console') => {
  const [clock, messenger] = [new FakeClock(), new FakeMessenger()]
  const voice = new GroupVoice({ speech: messenger, working: new Working(messenger), clock, ownerId })
  return { clock, messenger, voice }
}

describe('what is said in a group', () => {
  test('is shown with its author to the person who made it', () => {
    const { messenger, voice } = setUp()
    voice.show(GROUP, { author: 'Nova', kind: 'agent', text: 'Hello', writer: 'n' })
    voice.show(GROUP, { author: 'Mia', kind: 'person', text: 'Why?', writer: 'n' })
    expect(messenger.sent).toEqual([
      { chat: '49171', text: '[Research Team] Nova: Hello' },
      { chat: '49171', text: '[Research Team] Mia asks: Why?' },
    ])
  })

  test('is shown to the owner of the agent where somebody else made the group, and to nobody where there is none', () => {
    const one = setUp()
    one.voice.show({ ...GROUP, owner: undefined }, { author: 'Nova', kind: 'agent', text: 'Hello', writer: 'n' })
    expect(one.messenger.sent).toMatchObject([{ chat: 'console' }])
    const other = new GroupVoice({
      speech: one.messenger,
      working: new Working(one.messenger),
      clock: one.clock,
      ownerId: undefined,
    })
    other.show({ ...GROUP, owner: undefined }, { author: 'Nova', kind: 'agent', text: 'Hello', writer: 'n' })
    expect(one.messenger.sent).toHaveLength(1)
  })
})

describe('a question to a group', () => {
  test('shows that answers are awaited until all have come', () => {
    const { messenger, voice, clock } = setUp()
    voice.expect(CONSOLE_CHAT, GROUP, 2)
    voice.noteAnswer(GROUP)
    expect(messenger.working).toEqual([['console', true]])
    voice.noteAnswer(GROUP)
    voice.noteAnswer(GROUP)
    expect(messenger.working).toEqual([
      ['console', true],
      ['console', false],
    ])
    expect(clock.alarms).toBe(0)
  })

  test('does so for a while only, counted from the last answer, when a member stays silent', () => {
    const { messenger, voice, clock } = setUp()
    voice.expect(CONSOLE_CHAT, GROUP, 2)
    clock.pass(AWAITED_MS_MAX - 1)
    voice.noteAnswer(GROUP)
    clock.pass(AWAITED_MS_MAX - 1)
    expect(messenger.working).toHaveLength(1)
    clock.pass(1)
    expect(messenger.working).toEqual([
      ['console', true],
      ['console', false],
    ])
  })

  test('takes the place of the one before it, and ends with the agent', () => {
    const { messenger, voice, clock } = setUp()
    voice.expect(CONSOLE_CHAT, GROUP, 2)
    voice.expect(CONSOLE_CHAT, GROUP, 1)
    voice.stop()
    expect(messenger.working.at(-1)).toEqual(['console', false])
    expect(clock.alarms).toBe(0)
  })
})
