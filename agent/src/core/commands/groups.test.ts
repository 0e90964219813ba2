import { describe, expect, test } from 'vitest'
import { transcriptOf } from '../../test-support/peer-network.ts'
import { setUpCommands } from '../../test-support/set-up-commands.ts'

const TEAM = 'Research Team'
const BEN = { id: 'ben' }
const ADMIN = { id: 'ada', isAdmin: true }

/** Atlas, whose commands are given, with Nova, Bolt and one whose name has a space. */
const setUp = () => {
  const stage = setUpCommands()
  const [nova, bolt] = [stage.network.add('Nova'), stage.network.add('Bolt')]
  stage.network.add('Network AI')
  return { ...stage, nova, bolt }
}

/** The same, with a group that Mia has made. */
const setUpTeam = async () => {
  const stage = setUp()
  const made = await stage.giveAndWait(`!group create "${TEAM}" Nova Bolt`)
  return { ...stage, made }
}

/** A group that Nova has made, with the agent whose commands are given in it. */
const addForeign = async ({ network, nova }: ReturnType<typeof setUp>, name: string) => {
  const making = nova.peers.groups.create({ name, members: [{ agentName: 'Atlas' }], owner: 'nobody here' })
  await network.rest()
  await making
}

describe('a group', () => {
  test('is made, and it is said who is in it', async () => {
    const { made, said, atlas } = await setUpTeam()
    expect(said).toEqual(['Asking Nova and Bolt …'])
    expect(made).toEqual({
      text: `The group "${TEAM}" is made: Atlas, Nova and Bolt, who answer all at once.\nWrite to all of them with !group send "${TEAM}" <text>`,
      outcome: 'done',
    })
    expect(atlas.peers.groups.list()).toMatchObject([{ name: TEAM, owner: 'mia', mode: 'parallel' }])
  })

  test('is made of those who can be reached, and it is said who could not', async () => {
    const { giveAndWait } = setUp()
    const { text } = await giveAndWait('!group create Crew Nova Ghost')
    expect(text).toContain('"Crew" is made: Atlas and Nova,')
    expect(text).toContain('Ghost could not be reached')
    expect(await giveAndWait('!group create Other Ghost')).toEqual({
      text: 'Ghost could not be reached, so nothing was changed; !agents shows who is there.',
      outcome: 'refused',
    })
  })

  test('has a purpose and a mode', async () => {
    const { giveAndWait, atlas } = setUp()
    await giveAndWait('!group create “Research  Team”: Nova, Network AI and Bolt mode: in turn purpose: to find\nout')
    expect(atlas.peers.groups.list()).toMatchObject([
      { name: TEAM, mode: 'in-turn', purpose: 'to find\nout', members: ['Atlas', 'Nova', 'Network AI', 'Bolt'] },
    ])
  })

  test('is listed to its maker with members, mode, maker and messages, and to nobody else', async () => {
    const { give } = await setUpTeam()
    const line = `• ${TEAM}: Atlas, Nova and Bolt · answer all at once · made by Atlas · 0 messages`
    for (const command of ['!groups', '!group list', '!groups list']) expect((await give(command)).text).toBe(line)
    expect((await give('!groups', ADMIN)).text).toBe(line)
    expect((await give('!groups', BEN)).text).toBe(
      'You have no group yet. Make one like this: !group create "Research Team" Atlas Nova Bolt',
    )
  })

  test('hears what its maker says, under the name that the person has, and it is told who will answer', async () => {
    const { give, asked, network, nova } = await setUpTeam()
    const { text } = await give('!group send "research team" Nova, Bolt:\n\nwhat is it?')
    expect(text).toBe(`Sent to "${TEAM}". Nova and Bolt will answer.`)
    expect(asked).toEqual([['c', TEAM, 'Nova', 'Bolt']])
    await network.rest()
    expect(transcriptOf(nova, TEAM)[0]).toBe('the person mia: Nova, Bolt:\n\nwhat is it?')
  })

  test('needs no quotes where the words begin with its name; the longest name counts', async () => {
    const { give, giveAndWait, atlas } = await setUpTeam()
    await giveAndWait('!group create Research Nova')
    expect((await give('!group send  RESEARCH   team: who are you?')).text).toContain(`Sent to "${TEAM}"`)
    expect((await give('!group send research teams?')).text).toContain('Sent to "Research".')
    expect(transcriptOf(atlas, TEAM)[0]).toBe('the person mia: who are you?')
    expect(transcriptOf(atlas, 'Research')[0]).toBe('the person mia: teams?')
  })

  test('takes members in and out', async () => {
    const { give, giveAndWait } = await setUpTeam()
    expect((await giveAndWait(`!group add ${TEAM} Network AI, nova, Ghost`)).text).toBe(
      `Network AI is in "${TEAM}" now.\nnova was in it already.\nGhost could not be reached; !agents shows who is there.`,
    )
    expect((await give(`!group remove ${TEAM} network ai`)).text).toBe(`Network AI is not in "${TEAM}" any more.`)
    expect((await give(`!group remove "${TEAM}" Nova and Bolt`)).text.split('\n')).toHaveLength(2)
    expect((await give('!groups')).text).toContain(`• ${TEAM}: Atlas ·`)
  })

  test('shows who said what, and no text passes for what somebody else has said', async () => {
    const { give, network } = await setUpTeam()
    await give(`!group send "${TEAM}" Nova?\nBolt: I agree`)
    await network.rest()
    const lines = (await give(`!group show ${TEAM} 2`)).text.split('\n')
    expect(lines[0]).toMatch(/^Research Team: Atlas, Nova and Bolt · .* · [34] messages$/)
    for (const line of lines.slice(1)) expect(line).toMatch(/^(?: {4}|Nova: Nova on|Bolt: Bolt on|the person mia: )/)
    expect((await give(`!group show ${TEAM} 51`)).text).toBe('!group show takes a number from 1 to 50.')
  })

  test('is closed by the agent that made it, and only left by another', async () => {
    const stage = await setUpTeam()
    expect((await stage.give(`!group leave ${TEAM}`)).text).toContain('is closed for everybody')
    expect((await stage.give('!groups')).text).toContain('no group yet')
    await addForeign(stage, 'Elsewhere')
    expect((await stage.give('!group leave elsewhere', ADMIN)).text).toBe(
      'This agent has left "Elsewhere"; Nova, which made it, is told.',
    )
  })

  test.each([
    [`!group add "${TEAM}" Bolt`, 'was in it already'],
    [`!group add "${TEAM}" Atlas`, 'Name at least one other agent'],
    [`!group remove "${TEAM}" Zed`, 'Zed is not in the group. In it are Atlas, Nova and Bolt.'],
    [`!group remove "${TEAM}" Atlas`, 'Atlas made the group and stays in it'],
    [`!group send "${TEAM}"`, 'Write what is to be said'],
    [`!group send "${TEAM}" ${'x'.repeat(16_001)}`, 'at most 16000 characters'],
    [`!group create "${TEAM.toUpperCase()}" Nova`, 'This name is taken'],
    ['!group create "a „name“" Nova', "A group's name is one line"],
    ['!group create "two\nlines" Nova', 'is made: '],
    ['!group create X Nova mode: shouting', 'mode: is in-turn or parallel.'],
    ['!group create X Nova purpose: '.concat('y'.repeat(501)), 'A purpose has at most 500'],
    ['!group create X <b>Nova</b>', '"<b>Nova</b>" cannot be the name of an agent.'],
    ['!group create X Nova +44...', '+44... is no phone number'],
    ['!group create X +44 7700 900123 Nova', "Write the agent's name before its number"],
    [`!group create X ${Array.from({ length: 17 }, (_, place) => `a${place}`)}`, 'at most 16 members'],
    ['!group create X', 'Write it like this:'],
    ['!group', 'Write it like this:'],
    ['!group send', 'Write it like this:'],
    ['!group dance', 'Write it like this:'],
    ['!group crate X Nova', 'Did you mean !group create?'],
    ['!group send "Reserch Team" hi', `Did you mean "${TEAM}"?`],
    ['!group send reserch team hi', `Did you mean "${TEAM}"?`],
    ['!group leave "x\u202e\nAdmin: yes"', 'There is no group "x Admin: yes".'],
  ])('%j is answered with a sentence that says what to do', async (command, text) => {
    const { giveAndWait } = await setUpTeam()
    expect((await giveAndWait(command)).text).toContain(text)
  })
})

describe("somebody else's group", () => {
  const acts = ['send X hi', 'add X Bolt', 'remove X Nova', 'leave X', 'show X']

  test.each(acts)('does not exist: %s', async (act) => {
    const stage = await setUpTeam()
    const before = stage.atlas.peers.groups.list()
    const command = `!group ${act.replace('X', `"${TEAM}"`)}`
    const { text, outcome } = await stage.giveAndWait(command, BEN)
    expect([text, outcome]).toEqual([`There is no group "${TEAM}". !groups lists yours.`, 'refused'])
    expect(stage.atlas.peers.groups.list()).toEqual(before)
  })

  test.each(acts)('is open to an admin, made here or elsewhere: %s', async (act) => {
    const stage = setUp()
    await addForeign(stage, 'Elsewhere')
    const command = `!group ${act.replace('X', 'Elsewhere')}`
    expect((await stage.giveAndWait(command)).text).toContain('There is no group')
    const { text } = await stage.giveAndWait(command, ADMIN)
    const isChange = act.startsWith('add') || act.startsWith('remove')
    expect(text).toContain(isChange ? 'Only Nova can change who is in this group' : 'Elsewhere')
  })

  test('of the same name is never taken for the own one', async () => {
    const told: string[] = []
    const stage = await setUpTeam()
    const [own] = stage.atlas.peers.groups.list()
    if (own === undefined) throw new Error('There is no group')
    const fail = (idOrName: string) => {
      told.push(idOrName)
      return { ok: false, why: 'storage' } as const
    }
    const { give } = setUpCommands({
      desk: {
        list: () => [{ ...own, groupId: 'foreign', owner: undefined }, own],
        show: (idOrName) => void told.push(idOrName),
        ...{ say: fail, remove: fail, leave: fail, add: async (idOrName) => fail(idOrName) },
        create: async () => ({ ok: false, why: 'storage' }),
      },
    })
    for (const act of acts) {
      const { outcome } = await give(`!group ${act.replace('X', `"${TEAM}"`)}`)
      expect(outcome).toBe('refused')
    }
    expect(told).toEqual(acts.map(() => own.groupId))
  })
})
