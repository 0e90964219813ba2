import { describe, expect, test } from 'vitest'
import type { ModelAnswer, ModelRequest } from '../helpers/model-server.ts'
import { ANSWER_MS_MAX, WhatsAppStage } from '../helpers/whatsapp-stage.ts'
import { Person } from '../support/whatsapp-server/person.ts'

/** Anna alone may write. */
const ANNA_ALONE = { SECURITY_ENABLE_ALLOWLIST: 'true', SECURITY_ALLOWLIST: '+1 555 000 0011' }

const answer = ({ question }: ModelRequest): ModelAnswer => {
  if (question.includes('who is there')) return { tool: 'list_agents', input: {} }
  return question.includes('of rafts') ? 'I was mentioned.' : 'Noted.'
}

describe.concurrent('the people of an agent on WhatsApp', { timeout: 180_000 }, () => {
  test('are those whose numbers are listed, by number and hidden; a stranger gets nothing, costs nothing, and is written down', async () => {
    await using stage = await WhatsAppStage.open({ env: ANNA_ALONE })
    const [anna, ben] = [await stage.join('Anna'), await stage.join('Ben')]
    const { link, phone, readAudit } = stage.atlas
    await using agent = await link()
    const turnedAway = () => agent.logs(({ msg }) => msg === 'a message was not looked at', 'a refusal')
    await ben.say(phone, 'Let me in, please')
    expect(await turnedAway()).toMatchObject({ channel: 'whatsapp', why: 'unknown' })
    stage.server.address(ben.phone, phone, 'pn')
    await ben.say(phone, '!help me with this')
    await turnedAway()
    await anna.say(phone, 'Writing with a hidden number')
    await anna.expectReply('Noted.', ANSWER_MS_MAX)
    stage.server.address(anna.phone, phone, 'pn')
    await anna.say(phone, 'Writing by number')
    await anna.expectReply('Noted.', ANSWER_MS_MAX)
    expect(stage.model.requests.map(({ question }) => /Writing (\w+)/.exec(question)?.[1])).toEqual(['with', 'by'])
    // one person with one conversation, whatever the address
    expect(stage.model.requests.at(-1)?.messages).toHaveLength(4)
    const toBen = ({ to }: { readonly to: string }) => to === ben.toJid('lid') || to === ben.toJid('pn')
    expect([...stage.server.seen.relayed.all, ...stage.server.seen.chatStates.all].filter(toBen)).toEqual([])
    expect(
      stage.server.seen.receipts.all.filter(({ from, type }) => from === phone.number && type === 'read'),
    ).toHaveLength(2)
    const refused = { type: 'refusal', channel: 'whatsapp', why: 'unknown' }
    const refusals = readAudit().filter(({ type }) => type === 'refusal')
    expect(refusals).toMatchObject([refused, refused])
    expect(new Set(refusals.map(({ sender }) => sender)).size).toBe(1)
  })

  test('include whoever hides the number only by the address that the log tells the owner', async () => {
    await using stage = await WhatsAppStage.open({ env: ANNA_ALONE })
    const { link, phone, start } = stage.atlas
    const cleo = { number: '15550000013', lid: '83310000013', isNumberHidden: true }
    await using hidden = await Person.join(stage.server, cleo)
    await using first = await link()
    await hidden.say(phone, 'Nobody knows me')
    const { address } = await first.logs(
      ({ msg }) => msg.startsWith('WhatsApp: somebody whose number is hidden'),
      'the address',
    )
    expect(address).toBe('83310000013@lid')
    expect(await first.stop()).toBe(0)
    await using _second = start({ SECURITY_ALLOWLIST: `+1 555 000 0011, ${address}` })
    await hidden.say(phone, 'Do you know me now?')
    await hidden.expectReply('Noted.', ANSWER_MS_MAX)
    expect(hidden.messages).toHaveLength(1)
  })

  test('are heard in groups only where groups are on, and the agent is mentioned or answered', async () => {
    await using stage = await WhatsAppStage.open({ script: answer })
    const anna = await stage.join('Anna')
    const { link, phone, start } = stage.atlas
    await using first = await link()
    const group = await anna.createGroup('Friends of rafts', [phone])
    await anna.say(group, 'what do you think of groups?', { mention: [phone] })
    await anna.say(phone, 'This is between us')
    await anna.expectReply('Noted.', ANSWER_MS_MAX)
    expect(stage.model.requests).toHaveLength(1)
    expect(await first.stop()).toBe(0)
    await using _second = start({ WHATSAPP_GROUPS: 'true' })
    await anna.say(group, 'nobody is meant by this')
    const question = await anna.say(group, 'what do you think of rafts?', { mention: [phone] })
    const said = await anna.expectReply('I was mentioned.', ANSWER_MS_MAX)
    expect(said).toMatchObject({ chat: group, quotedId: question.id })
    await anna.say(group, 'and why do you think so?', { quote: said })
    expect(await anna.expectReply('Noted.', ANSWER_MS_MAX)).toMatchObject({ chat: group })
    expect(stage.model.requests).toHaveLength(3)
    // what was said between two is not told in a group
    expect(JSON.stringify(stage.model.requests.slice(1))).not.toContain('between us')
    await anna.say(group, '!groups', { mention: [phone] })
    expect(await anna.expectReply(/^You have no group yet/, ANSWER_MS_MAX)).toMatchObject({ chat: group })
    expect(stage.model.requests).toHaveLength(3)
  })

  test('write commands, or say in their own words what they want; what is for administrators is for those alone', async () => {
    await using stage = await WhatsAppStage.open({ script: answer, env: { ADMIN_LIST: '+1 555 000 0011' } })
    const [anna, ben] = [await stage.join('Anna'), await stage.join('Ben')]
    const { link, phone, readAudit } = stage.atlas
    await using _agent = await link()
    await Promise.all([anna.say(phone, '!help'), ben.say(phone, '!help')])
    expect((await anna.expectReply(/^Write in your own words/, ANSWER_MS_MAX)).text).toContain('!status')
    expect((await ben.expectReply(/^Write in your own words/, ANSWER_MS_MAX)).text).not.toContain('!status')
    await Promise.all([anna.say(phone, '!status'), ben.say(phone, '!status')])
    await anna.expectReply(/^Atlas: ok, version .*\nHub link: waiting\n/, ANSWER_MS_MAX)
    await ben.expectReply('There is no command !status. !help lists them.', ANSWER_MS_MAX)
    expect(stage.model.requests).toEqual([])
    await ben.say(phone, 'Tell me who is there')
    await ben.expectReply(/^The hub cannot be asked at the moment: .*\nNobody is known from before\.$/, ANSWER_MS_MAX)
    expect(stage.model.requests).toHaveLength(1)
    const [first, ...others] = readAudit().filter(({ type }) => type === 'refusal')
    expect([first, others]).toEqual([expect.objectContaining({ why: expect.stringMatching(/status$/) }), []])
    const commands = readAudit().filter(({ type }) => type === 'command')
    expect(commands.map(({ command, sender }) => [command, sender === first?.['sender']])).toEqual(
      expect.arrayContaining([
        ['help', true],
        ['help', false],
        ['status', false],
        ['agents', true],
      ]),
    )
  })
})
