import { describe, expect, test } from 'vitest'
import type { ModelScript } from '../helpers/model-server.ts'
import { ANSWER_MS_MAX, WhatsAppStage } from '../helpers/whatsapp-stage.ts'

/** A model that takes the second question, and does not answer it while it is told to hang. */
const useScript = () => {
  const state = { isHanging: true }
  const script: ModelScript = ({ question }) => {
    const number = /question (\d)/.exec(question)?.[1] ?? '0'
    return state.isHanging && number === '2' ? { hang: true } : `The answer to ${number}`
  }
  return { script, heal: () => void Object.assign(state, { isHanging: false }) }
}

const ANSWERS = ['The answer to 1', 'The answer to 2', 'The answer to 3']

describe.concurrent('an agent that is killed', { timeout: 180_000 }, () => {
  test('while the model thinks answers all of it after its restart, each once, and is not linked again', async () => {
    const { script, heal } = useScript()
    await using stage = await WhatsAppStage.open({ script })
    const anna = await stage.join('Anna')
    const { link, phone, start } = stage.atlas
    await using first = await link()
    await anna.say(phone, 'This is question 1')
    await anna.expectReply('The answer to 1', ANSWER_MS_MAX)
    await anna.say(phone, 'This is question 2')
    await stage.model.asked(({ question }) => question.includes('question 2'), 'the second question')
    await first.kill()
    await stage.server.until('the agent to be gone', () => !phone.isOnline)
    heal()
    await anna.say(phone, 'This is question 3')
    await using again = start()
    await anna.expectReply('The answer to 3', ANSWER_MS_MAX)
    expect(anna.messages.map(({ text }) => text)).toEqual(ANSWERS)
    expect(anna.repeated).toEqual([])
    expect(again.terminal).toBe('')
    expect(stage.model.requests.map(({ question }) => /question (\d)/.exec(question)?.[1])).toEqual([
      '1',
      '2',
      '2',
      '3',
    ])
  })

  test('with an answer that is made and not sent sends it after its restart, and asks nobody again', async () => {
    await using stage = await WhatsAppStage.open()
    const anna = await stage.join('Anna')
    const { link, phone, start } = stage.atlas
    await using first = await link()
    await anna.say(phone, 'A question like any other')
    await first.logs(({ msg }) => msg === 'a message was answered', 'an answer')
    await first.kill()
    expect(anna.messages).toEqual([])
    await using _again = start()
    await anna.expectReply('Noted.', ANSWER_MS_MAX)
    expect(stage.model.requests).toHaveLength(1)
  })

  test('before WhatsApp has acknowledged an answer sends it again under its id, and it is read once', async () => {
    await using stage = await WhatsAppStage.open()
    const anna = await stage.join('Anna')
    const { link, phone, start } = stage.atlas
    await using first = await link()
    stage.server.faults.acks = ({ from }) => (from === phone.number ? 'withheld' : 'given')
    await anna.say(phone, 'A question like any other')
    await anna.expectReply('Noted.', ANSWER_MS_MAX)
    await first.kill()
    stage.server.faults.acks = 'given'
    await using again = start()
    await again.logs(({ msg }) => msg === 'WhatsApp: message accepted', 'the acknowledgement')
    await anna.client.until('it to be there twice', () => anna.repeated.length > 0)
    expect([anna.messages, anna.repeated].map((all) => all.length)).toEqual([1, 1])
    expect(stage.model.requests).toHaveLength(1)
  })
})
