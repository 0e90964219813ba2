import { describe, expect, test } from 'vitest'
import type { ModelAnswer, ModelRequest } from '../helpers/model-server.ts'
import { ANSWER_MS_MAX, WhatsAppStage } from '../helpers/whatsapp-stage.ts'

const HALF_AN_HOUR_MS = 1_800_000
const MESSAGES = 200

const answer = ({ question, messages }: ModelRequest): ModelAnswer => {
  if (question.includes('my name')) {
    const known = messages.some(({ content }) => content.includes('I am called Ada'))
    return known ? 'Your name is Ada.' : 'I do not know your name.'
  }
  const number = /number (\d+)\./.exec(question)?.[1]
  return number === undefined ? 'Good evening to you, too.' : `Answer ${number}.`
}

describe.concurrent('somebody who writes to an agent over WhatsApp', { timeout: 180_000 }, () => {
  test('is answered by the model, which knows what was said before, while it is shown that the agent writes', async () => {
    await using stage = await WhatsAppStage.open({ script: answer })
    const anna = await stage.join('Anna')
    const { link, phone } = stage.atlas
    await using _agent = await link()
    await anna.say(phone, 'Good evening, I am called Ada.')
    await anna.expectReply('Good evening to you, too.', ANSWER_MS_MAX)
    const states = () => stage.server.seen.chatStates.all.filter(({ from }) => from === phone.number)
    expect(states().map(({ state }) => state)).toContain('composing')
    await anna.say(phone, 'What is my name?')
    await anna.expectReply('Your name is Ada.', ANSWER_MS_MAX)
    expect(stage.model.requests.at(-1)?.messages.map(({ role }) => role)).toEqual([
      'system',
      'user',
      'assistant',
      'user',
    ])
    await stage.server.until('the ticks to be blue', () =>
      stage.server.seen.receipts.all.some(({ from, type }) => from === phone.number && type === 'read'),
    )
  })

  test('is answered in order and each question once, however many there are', async () => {
    await using stage = await WhatsAppStage.open({
      script: answer,
      env: { SECURITY_RATE_LIMIT_MAX: '1000', WHATSAPP_PACE: 'none' },
    })
    const anna = await stage.join('Anna')
    const { link, phone } = stage.atlas
    await using _agent = await link()
    for (let each = 1; each <= MESSAGES; each += 1) await anna.say(phone, `This is number ${each}.`)
    await anna.expectReply(`Answer ${MESSAGES}.`, 120_000)
    const numbers = Array.from({ length: MESSAGES }, (_, each) => each + 1)
    expect(stage.model.requests.map(({ question }) => Number(/number (\d+)\./.exec(question)?.[1]))).toEqual(numbers)
    expect(anna.messages.map(({ text }) => text)).toEqual(numbers.map((each) => `Answer ${each}.`))
    expect(anna.repeated).toEqual([])
  })

  test('while it was away is answered when it is back; what is older than a quarter of an hour, its owner hears of', async () => {
    const env = { ADMIN_LIST: '+1 555 000 0011' }
    await using stage = await WhatsAppStage.open({ script: answer, env })
    const anna = await stage.join('Anna')
    const ben = await stage.join('Ben')
    const { link, phone, start } = stage.atlas
    await using first = await link()
    await anna.say(phone, 'Good evening, agent')
    await anna.expectReply('Good evening to you, too.', ANSWER_MS_MAX)
    expect(await first.stop()).toBe(0)
    stage.server.faults.clockOffsetMs = -HALF_AN_HOUR_MS
    await ben.say(phone, 'An old question of Ben')
    await ben.say(phone, 'An older one, number 99.')
    await stage.server.until('both to wait', () => phone.waiting === 2)
    stage.server.faults.clockOffsetMs = 0
    for (const each of [1, 2, 3]) await anna.say(phone, `This is number ${each}.`)
    await stage.server.until('all to wait', () => phone.waiting === 5)
    await using again = start()
    for (const each of [1, 2, 3]) await anna.expectReply(`Answer ${each}.`, ANSWER_MS_MAX)
    const summary = await anna.expectReply(/^While I was away/, ANSWER_MS_MAX)
    expect(summary.text).toMatch(new RegExp(`\\n- \\+${ben.number}: 2 messages$`))
    expect(ben.messages).toEqual([])
    expect(anna.messages.slice(1, 4).map(({ text }) => text)).toEqual(['Answer 1.', 'Answer 2.', 'Answer 3.'])
    expect(stage.model.requests).toHaveLength(4)
    expect(again.qrCodes).toEqual([])
  })
})
