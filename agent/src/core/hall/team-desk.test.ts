import { describe, expect, it } from 'vitest'
import { CONSOLE_CHAT, FakeMessenger } from '../../test-support/fake-messenger.ts'
import { PERSON, setUpTeams } from '../../test-support/set-up-teams.ts'
import { MemorySeenStore } from '../memory-seen-store.ts'
import { TeamDesk } from './team-desk.ts'
import { Working } from './working.ts'

const setUp = () => {
  const messenger = new FakeMessenger()
  const seen = new MemorySeenStore()
  const makeDesk = () =>
    new TeamDesk({ speech: messenger, working: new Working(messenger), isNew: (key) => seen.add('team', key, 0) })
  return { messenger, makeDesk, desk: makeDesk() }
}

describe('what a team says', () => {
  it('is said once, by a later process, too', async () => {
    const { messenger, makeDesk, desk } = setUp()
    await desk.say(CONSOLE_CHAT, 'The plan', 'k1')
    await desk.say(CONSOLE_CHAT, 'The plan', 'k1')
    await makeDesk().say(CONSOLE_CHAT, 'The plan', 'k1')
    await desk.say(CONSOLE_CHAT, 'The report', 'k2')
    expect(messenger.said).toEqual(['The plan', 'The report'])
  })

  it('shows how far it is in place of what was shown before', async () => {
    const { messenger, desk } = setUp()
    await desk.progress(CONSOLE_CHAT, '1 of 2')
    expect([messenger.progress, messenger.sent]).toEqual([['1 of 2'], []])
  })
})

describe('a chat with a team at work', () => {
  it('shows it until the report is said', async () => {
    const { messenger, desk } = setUp()
    const { teams, until } = setUpTeams({ hasModel: false })
    desk.start(teams, { chat: CONSOLE_CHAT, person: PERSON, text: 'Look into it' })
    expect(messenger.working).toEqual([['console', true]])
    await until(desk.idle())
    expect(messenger.working).toEqual([
      ['console', true],
      ['console', false],
    ])
  })

  it('shows it again when the team goes on after a restart', async () => {
    const { messenger, desk } = setUp()
    const { teams, build, until, order } = setUpTeams({
      hasModel: false,
      work: () => ({ afterMs: 60_000, does: 'answer' }),
    })
    void order('Look into it')
    await until(Promise.resolve())
    await until(teams.close())
    const over = desk.resume(build())
    expect(messenger.working).toEqual([['console', true]])
    await until(over)
    await until(desk.idle())
    expect(messenger.working.at(-1)).toEqual(['console', false])
  })
})
